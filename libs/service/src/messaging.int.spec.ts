import { createDatabase, startTestNats, tempDir, waitUntil } from '@cairn/testing';
import { expect, it } from 'vitest';
import { startService } from './start-service.js';
import { heard, noteService } from './testing/note-service.js';

interface Note {
  readonly id: string;
}

it('a service goes on without NATS, and its policies catch up when NATS is back', async () => {
  const [database, nats] = await Promise.all([createDatabase(), startTestNats()]);
  const service = await startService(noteService, {
    host: '127.0.0.1', port: 0, databaseUrl: database.url, natsUrl: nats.url, objectStoreUrl: `file://${tempDir('objects')}`,
    gatewayUrl: 'http://127.0.0.1:1', dataDir: tempDir('data'), logLevel: 'silent', settings: {},
  });
  const note = async (name: string): Promise<Note> => {
    const response = await fetch(`${service.url}/notes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name }) });
    expect(response.status).toBe(201);
    return (await response.json()) as Note;
  };
  const ready = async (): Promise<{ status: string }> => (await fetch(`${service.url}/health/ready`)).json() as Promise<{ status: string }>;

  const first = await note('with NATS');
  await waitUntil('the first note is heard', () => heard.has(first.id));
  expect(await ready()).toMatchObject({ status: 'ok', checks: { messaging: { state: 'connected' } } });

  await nats.kill();
  const second = await note('without NATS');
  await waitUntil('the loss is noticed', async () => (await ready()).status === 'degraded');
  expect(heard.has(second.id)).toBe(false);

  await nats.restart();
  const delivery = await waitUntil('the second note is heard', () => heard.get(second.id));
  expect(delivery).toMatchObject({ event: { data: { name: 'without NATS' } }, actor: { principal: 'local' }, source: '/data-catalog' });
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toContain('cairn_events_handled_total{handler="on-noted",type="cairn.catalog.v1.DatasetRegistered",ending="ack"}');

  await service.close();
  await nats.stop();
  await database.drop();
});
