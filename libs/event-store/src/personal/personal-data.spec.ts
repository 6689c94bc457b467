import { SEALED_PREFIX } from '@cairn/contracts';
import { expect, it } from 'vitest';
import { KurrentEventStore } from '../kurrent/kurrent-event-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { appendTo, someEvent } from '../testing/events.js';
import { KurrentStandIn } from '../testing/kurrent-stand-in.js';
import { personalDataContract } from '../testing/personal-data.contract.js';
import { MemorySubjectKeys, newSubjectKey } from './memory-subject-keys.js';
import { seal, sealedUnder, unseal } from './seal.js';

// The log in memory has one process and no restart; the stand-in for KurrentDB has both.
personalDataContract('the adapter to KurrentDB, with keys in memory,', async () => {
  const [server, subjectKeys] = [new KurrentStandIn(), new MemorySubjectKeys()];
  const open = async () => new KurrentEventStore(server.connect(), { subjectKeys });
  return { open, eraseSubject: (subject) => subjectKeys.erase(subject), close: async () => undefined };
});

const place = { eventId: 'e', type: 't', field: 'f' };

it('seals the same text differently each time, and opens it with its own key and place alone', () => {
  const [key, other] = [newSubjectKey(), newSubjectKey()];
  const text = 'Ada Lovelace, é 😀';
  const [sealed, again] = [seal(text, key, place), seal(text, key, place)];
  expect(sealed).not.toBe(again);
  expect([sealedUnder(sealed), sealedUnder(text), sealedUnder(7), sealedUnder(`${SEALED_PREFIX}x`)]).toEqual([key.id, undefined, undefined, undefined]);
  expect(unseal(sealed, key, place)).toBe(text);
  expect(unseal(sealed, other, place)).toBeUndefined();
  expect(unseal(sealed, key, { ...place, eventId: 'other' })).toBeUndefined();
  expect(unseal(`${sealed.slice(0, -2)}AA`, key, place)).toBeUndefined();
  expect(unseal(`${SEALED_PREFIX}${key.id}:AA`, key, place)).toBeUndefined();
});

it('takes no personal data where there are no keys', async () => {
  const store = new KurrentEventStore(new KurrentStandIn().connect());
  const personal = someEvent({ runId: 'r', user: 'ada' }, 'cairn.tracking.v1.RunStarted');
  await expect(store.append([appendTo('run-1', 'none', personal)])).rejects.toEqual(expect.objectContaining({ code: 'INVALID_EVENT' }));
  expect(await store.append([appendTo('run-1', 'none', someEvent({ runId: 'r' }, 'cairn.tracking.v1.RunStarted'))])).toHaveLength(1);
});

it('shows in memory what it seals there', async () => {
  const subjectKeys = new MemorySubjectKeys();
  const store = new MemoryEventStore({ subjectKeys });
  await store.append([appendTo('run-1', 'none', someEvent({ runId: 'r', user: 'ada' }, 'cairn.tracking.v1.RunStarted'))]);
  expect((await store.readRecords(0n)).events[0]?.body).not.toContain('"ada"');
  expect(await subjectKeys.erase('ada')).toBe(true);
  expect(await store.readStream('run-1')).toMatchObject([{ data: { user: '[erased]' } }]);
});
