import { EventStoreError } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import { describe, expect, it } from 'vitest';
import { endingOf } from './ending-of.js';
import { RetryLater, Terminate } from './endings.js';
import { DEFAULT_HANDLING as policy } from './handling-policy.js';

const first = { deliveries: 1, failures: 0 };

describe('a failed handler', () => {
  it.each([
    ['gives up', new Terminate('no such model'), 'no such model'],
    ['was refused by the domain', new DomainError('RUN_CLOSED', 'The run is over.', 'conflict'), 'RUN_CLOSED: The run is over.'],
    ['made an event that can not be stored', new EventStoreError('INVALID_EVENT', 'too large'), 'too large'],
    ['got an event that it does not know', new DomainError('UNKNOWN_EVENT_TYPE', 'No event.', 'invalid'), 'UNKNOWN_EVENT_TYPE: No event.'],
  ])('is not asked again when it %s', (_, error, reason) => {
    expect(endingOf(error, first, policy)).toEqual({ kind: 'dead-letter', reason });
  });

  it('is asked again after the time it names', () => {
    expect(endingOf(new RetryLater(1_234, 'no capacity'), { deliveries: 500, failures: 0 }, policy)).toEqual({ kind: 'retry', afterMs: 1_234, blamed: false });
  });

  it.each([
    ['the store is away', new EventStoreError('UNAVAILABLE', 'gone')],
    ['an archived range cannot be read', new EventStoreError('ARCHIVE_UNREADABLE', 'gone')],
    ['somebody is busy', new DomainError('QUEUE_FULL', 'Later.', 'busy')],
    ['others changed the stream all the time', new DomainError('CONCURRENT_CHANGE', 'Again.', 'conflict')],
    ['the database refuses connections', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ['the database goes down, seen through two layers', new Error('query', { cause: Object.assign(new Error(), { driverError: Object.assign(new Error(), { code: '57P01' }) }) })],
    ['no address of the database answers', new AggregateError([Object.assign(new Error(), { code: 'ECONNREFUSED' })])],
  ])('is not blamed when %s', (_, error) => {
    expect(endingOf(error, { deliveries: 50, failures: 0 }, policy)).toEqual({ kind: 'retry', afterMs: 60_000, blamed: false });
  });

  it('is asked again ever more slowly for a defect, and then no more', () => {
    const defect = new TypeError('x is undefined');
    const delays = [0, 1, 2, 3, 4, 5, 6].map((failures) => endingOf(defect, { deliveries: failures + 1, failures }, policy));
    expect(delays).toEqual(policy.failureBackoffMs.map((afterMs) => ({ kind: 'retry', afterMs, blamed: true })));
    expect(endingOf(defect, { deliveries: 8, failures: 7 }, policy)).toEqual({ kind: 'dead-letter', reason: 'Failed 8 times, at last: x is undefined' });
  });

  it('has all its tries for a defect after any number of postponements', () => {
    expect(endingOf(new Error('x'), { deliveries: 400, failures: 0 }, policy)).toEqual({ kind: 'retry', afterMs: 250, blamed: true });
  });

  it('is not asked for ever, whatever it says', () => {
    expect(endingOf(new RetryLater(1, 'wait'), { deliveries: 1_000, failures: 0 }, policy)).toMatchObject({ kind: 'dead-letter' });
  });
});
