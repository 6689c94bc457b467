import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpOnlineFeatures } from './http-online-features.js';

const question = { workspace: 'red', service: 'delay', version: 2, columns: ['share'], entities: new Map([['origin', ['ORD', 'SFO']]]), rows: 2 };
const answer = {
  results: [
    { values: ['ORD', 'SFO'], statuses: ['PRESENT', 'PRESENT'], event_timestamps: ['', ''] },
    { values: [0.5, null], statuses: ['PRESENT', 'NOT_FOUND'], event_timestamps: ['2001-01-01T00:00:00Z', '1970-01-01T00:00:00Z'] },
  ],
  metadata: { feature_names: ['origin', 'share'] },
};

describe('the feature store over HTTP', () => {
  let server: Server | undefined;
  let asked: { readonly request: IncomingMessage; readonly body: string } | undefined;
  afterEach(async () => {
    const closed = new Promise((done) => server?.close(done));
    server?.closeAllConnections();
    await closed;
  });

  /** A server of this very spec: what goes wrong here, the real one never answers. */
  async function storeThat(answers: (response: ServerResponse) => void, timeoutMs = 20_000): Promise<HttpOnlineFeatures> {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        asked = { request, body: Buffer.concat(chunks).toString() };
        answers(response);
      });
    });
    await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening));
    return new HttpOnlineFeatures({ gatewayUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, serviceToken: 't', timeoutMs });
  }
  const json = (body: unknown, status = 200) => (response: ServerResponse) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  it('asks for the version of the service, as serving and in the workspace of the request', async () => {
    const store = await storeThat(json(answer));
    expect((await store.lookUp(question)).get('share')).toEqual({ values: [0.5, null], statuses: ['PRESENT', 'NOT_FOUND'], times: answer.results[1]?.event_timestamps });
    expect(asked?.request).toMatchObject({ method: 'POST', url: '/get-online-features' });
    expect(asked?.request.headers).toMatchObject({ authorization: 'Bearer t', 'x-cairn-workspace': 'red' });
    expect(JSON.parse(asked?.body ?? '')).toEqual({ entities: { origin: ['ORD', 'SFO'] }, feature_service: 'delay', feature_service_version: 2 });
  });

  it.each([
    ['503', json({}, 503), 'UNAVAILABLE', /503/],
    ['no JSON', (response: ServerResponse) => response.end('<html>'), 'UNAVAILABLE', /does not answer/],
    ['a broken connection', (response: ServerResponse) => response.socket?.destroy(), 'UNAVAILABLE', /does not answer/],
    ['404', json({ detail: 'No feature service is named delay.' }, 404), 'REFUSED', /No feature service is named delay/],
    ['another list of features', json({ ...answer, metadata: { feature_names: ['origin', 'other'] } }), 'REFUSED', /2 values of 'share'/],
    ['too few values', json({ ...answer, results: [answer.results[0], { ...answer.results[1], statuses: ['PRESENT'] }] }), 'REFUSED', /2 values/],
    ['something else', json([]), 'REFUSED', /2 values/],
  ])('takes %s for no answer', async (_, answers, code, message) => {
    const store = await storeThat(answers);
    await expect(store.lookUp(question)).rejects.toMatchObject({ name: 'OnlineFeaturesError', code, message: expect.stringMatching(message) });
  });

  it('waits no longer than it was told to', async () => {
    const store = await storeThat(() => undefined, 50);
    await expect(store.lookUp(question)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('50 ms') });
  });
});
