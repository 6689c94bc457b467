import { readFileSync } from 'node:fs';
import { newId, streamName } from '@cairn/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, type RegistryClient } from '../support/registry-client.js';

interface UiRequest {
  readonly page: string;
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  /** What the page shows of the answer. */
  readonly reads: readonly string[];
}

/** What the pages of MLflow 3.17.2 asked a running stack for, as a browser sent it, with placeholders for names. */
const requests = JSON.parse(readFileSync(new URL('../fixtures/mlflow-ui-requests.json', import.meta.url), 'utf8')) as UiRequest[];
const runId = newId();
const names: Readonly<Record<string, string>> = { name: 'flights', prompt: 'greet', run: runId.replaceAll('-', '') };

let registry: RegistryClient;
beforeAll(async () => {
  registry = await startRegistry();
  const { digest } = await registry.running.parts.objectStore.put(Buffer.from('flavors: {}\n'));
  await registry.record(streamName('run', runId),
    { type: 'cairn.tracking.v1.RunStarted', data: { runId } },
    { type: 'cairn.tracking.v1.ArtifactLogged', data: { runId, path: 'model/MLmodel', digest, sizeBytes: 12n } });
  const post = (path: string, body: object) => registry.as('ada', 'POST', `/api/2.0/mlflow/${path}`, body);
  await post('registered-models/create', { name: 'flights', tags: [{ key: 'owner', value: 'ada' }] });
  await post('model-versions/create', { name: 'flights', source: `runs:/${names['run']}/model`, run_id: names['run'], tags: [{ key: 'k', value: 'v' }] });
  await post('registered-models/alias', { name: 'flights', alias: 'champion', version: '1' });
  await post('registered-models/create', { name: 'greet', tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] });
});
afterAll(() => registry.close());

const filled = (text: string): string => text.replace(/<(name|prompt|run)>/g, (_, name: string) => names[name] ?? '');
const ask = ({ method, path, body }: Pick<UiRequest, 'method' | 'path' | 'body'>) =>
  registry.as('ada', method, filled(path), body === undefined ? undefined : JSON.parse(filled(JSON.stringify(body))));
const file = (query: Readonly<Record<string, string>>) =>
  fetch(`${registry.url}/model-versions/get-artifact?${new URLSearchParams(query)}`, { headers: { authorization: 'Bearer ada' } });

describe('200', () => {
  it.each(requests)('$page: $method $path', async ({ reads, ...request }) => {
    const { status, body } = await ask(request);
    expect(status, JSON.stringify(body)).toBe(200);
    for (const path of reads) expect(body).toHaveProperty(path);
  });

  it('GET /model-versions/get-artifact gives a file to save, not to show', async () => {
    const answer = await file({ name: 'flights', version: '1', path: 'MLmodel' });
    expect([answer.status, await answer.text()]).toEqual([200, 'flavors: {}\n']);
    expect(answer.headers.get('content-disposition')).toBe('attachment');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('400', () => {
  it.each([
    ['no path', { name: 'flights', version: '1' }],
    ['a version that is no number', { name: 'flights', version: 'one', path: 'MLmodel' }],
    ['a path that is too long', { name: 'flights', version: '1', path: 'x'.repeat(1_001) }],
  ])('GET /model-versions/get-artifact refuses %s', async (_, query) => {
    const answer = await file(query);
    expect([answer.status, await answer.json()]).toMatchObject([400, { error_code: 'INVALID_PARAMETER_VALUE' }]);
  });
});

describe('404', () => {
  it.each([
    ['a version that is not there', { name: 'flights', version: '99', path: 'MLmodel' }],
    ['a file that is not there', { name: 'flights', version: '1', path: 'other' }],
    ['a path that climbs', { name: 'flights', version: '1', path: '../model/MLmodel' }],
    ['a name of the prototype', { name: 'flights', version: '1', path: '__proto__' }],
  ])('GET /model-versions/get-artifact does not find %s', async (_, query) => {
    const answer = await file(query);
    expect([answer.status, await answer.json()]).toMatchObject([404, { error_code: 'RESOURCE_DOES_NOT_EXIST' }]);
  });
});
