import { describe, expect, it } from 'vitest';

import { EchoModule } from './echo.module.js';
import { startTestService } from './test-service.js';

const withLog = { name: 'data-catalog', title: 'Echo', module: EchoModule, schema: 'echo' } as const;

describe('startTestService', () => {
  it('starts a service with its own log, and stops it', async () => {
    const service = await startTestService(withLog);
    expect(await service.fetchJson('GET', '/echo')).toMatchObject({ status: 200, body: { ok: true } });
    expect(await service.fetchJson('POST', '/echo', { any: 1 })).toMatchObject({ status: 201, body: 'taken' });
    expect(await service.fetchJson('GET', '/nowhere')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await service.store.size()).toBe(0n);
    await service.close();
    await expect(fetch(`${service.url}/echo`)).rejects.toThrow();
  });

  it('starts a nats-server when asked', async () => {
    const service = await startTestService(withLog, { nats: true });
    const { body } = await service.fetchJson('GET', '/health/ready');
    expect(['connected', 'disconnected']).toContain(body.checks.messaging.state);
    await service.close();
  });

  it('needs no database for a service without a log', async () => {
    const service = await startTestService({ name: 'gateway', title: 'Echo', module: EchoModule });
    expect(() => service.store).toThrow(/no event store/);
    await service.close();
  });
});
