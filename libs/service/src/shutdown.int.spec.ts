import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { MemoryEventStore } from '@cairn/event-store';
import { createDatabase, tempDir, waitUntil } from '@cairn/testing';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import type { ServiceConfig } from './config/service-config.js';
import { startService } from './start-service.js';
import { noteService } from './testing/note-service.js';

function configFor(databaseUrl: string): ServiceConfig {
  return {
    host: '127.0.0.1', port: 0, databaseUrl, objectStoreUrl: `file://${tempDir('objects')}`, gatewayUrl: 'http://127.0.0.1:1',
    dataDir: tempDir('data'), logLevel: 'silent', settings: {},
  };
}

describe('a stopping service', () => {
  it('finishes what it has begun, takes nothing new and closes only what it opened', async () => {
    const database = await createDatabase();
    const store = new MemoryEventStore();
    const service = await startService(
      noteService,
      configFor(database.url),
      { store },
    );
    const upload = request(`${service.url}/notes/stream`, { method: 'POST', headers: { 'content-type': 'application/octet-stream' } });
    const answered = once(upload, 'response');
    upload.write('first half');
    await waitUntil('the upload has reached the service', () => service.app.getHttpServer().listening && upload.socket?.bytesWritten);
    await fetch(`${service.url}/health/live`);

    const closed = service.close();
    await waitUntil('the port is closed', () => fetch(`${service.url}/health/live`).then(() => false, () => true));
    upload.end(', second half');
    const [response]: [IncomingMessage] = (await answered) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.resume();
    await closed;
    expect(service.parts.stateful?.dataSource.isInitialized).toBe(false);
    expect(service.parts.stateful?.runner.state).toBe('stopped');
    expect(await store.size()).toBe(0n);
    await expect(store.readAll(0n)).resolves.toMatchObject({ next: 0n });
    await database.drop();
  });

  it('does not wait for a connection that never sent anything', async () => {
    const database = await createDatabase();
    const service = await startService(noteService, configFor(database.url), { store: new MemoryEventStore() });
    const silent = connect(service.port, '127.0.0.1');
    await once(silent, 'connect');
    await fetch(`${service.url}/health/live`);
    await service.close();
    expect(silent.destroyed || (await once(silent, 'close').then(() => true))).toBe(true);
    await database.drop();
  }, 20_000);

  it('leaves nothing open when it can not start', async () => {
    const database = await createDatabase();
    const broken = { ...noteService, configure: () => Promise.reject(new Error('no parser for you')) };
    const starting = startService(
      broken,
      configFor(database.url),
      { store: new MemoryEventStore() },
    );
    await expect(starting).rejects.toThrow('no parser for you');
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query('SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()');
    expect(rows).toEqual([]);
    await client.end();
    await database.drop();
  });
});
