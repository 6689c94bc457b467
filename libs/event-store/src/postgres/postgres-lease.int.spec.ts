import { createDatabase, type TestDatabase } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { terminateSessions } from '../testing/session.js';
import { PostgresLease } from './postgres-lease.js';

describe('a lease', () => {
  let database: TestDatabase;
  const never = new AbortController().signal;
  const lost = (lease: PostgresLease) => new Promise<void>((resolve) => (lease.signal.aborted ? resolve() : lease.signal.addEventListener('abort', () => resolve())));
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  it('is held by one at a time and handed on', async () => {
    const order: string[] = [];
    const first = await PostgresLease.acquire(database.url, 'relay', never);
    const second = PostgresLease.acquire(database.url, 'relay', never).then((lease) => {
      order.push('second got it');
      return lease;
    });
    const unrelated = await PostgresLease.acquire(database.url, 'signer', never);
    order.push('first gives it up');
    await first.release();
    expect(first.signal.aborted).toBe(true);
    await (await second).release();
    await unrelated.release();
    expect(order).toEqual(['first gives it up', 'second got it']);
  });

  it('says so when it is lost, and the next one gets it', async () => {
    const first = await PostgresLease.acquire(database.url, 'relay', never);
    const second = PostgresLease.acquire(database.url, 'relay', never);
    expect(await terminateSessions(database.url, 'lease relay', 'holders')).toBe(1);
    await lost(first);
    const lease = await second;
    expect(lease.signal.aborted).toBe(false);
    await lease.release();
  });

  it('can be given up while it is waited for', async () => {
    const first = await PostgresLease.acquire(database.url, 'relay', never);
    const abort = new AbortController();
    const waiting = PostgresLease.acquire(database.url, 'relay', abort.signal);
    abort.abort();
    await expect(waiting).rejects.toEqual(expect.objectContaining({ code: 'UNAVAILABLE' }));
    await first.release();
  });
});
