import type { RecordedEvent } from '@kurrent/kurrentdb-client';
import { expect, it } from 'vitest';
import { draftEvent, verifyRecord, writeEvent } from '../record.js';
import { someEvent } from '../testing/events.js';
import { claimOf, growthOf, headOf, placeOf, recordedEventOf, recordOf, stateAt } from './convert.js';
import { isNoStream, outcomeOf } from './kurrent-errors.js';
import { StreamNames } from './stream-names.js';

const names = new StreamNames('cairn');
const event = someEvent({ 10: 'ten', 9: 'nine', nested: { é: [1e21, -0, 0.1] } });
const meta = { ...event.meta, actor: { principal: 'bot', onBehalfOf: 'bob' }, causationId: event.id, traceparent: '00-a-b-01' };
const written = writeEvent(draftEvent('thing-a', { ...event, meta }), 7n, '2026-01-02T03:04:05.000006Z');

/** As it comes back: KurrentDB keeps the JSON, and adds to the metadata what it likes. */
function stored(input: ReturnType<typeof recordedEventOf>, revision: bigint): RecordedEvent {
  const { streamName: streamId, record } = input;
  const { data, metadata } = JSON.parse(JSON.stringify(record));
  return { streamId, revision, id: record.id, type: record.type, isJson: true, created: new Date(0), data, metadata: { ...metadata, '$schema.format': 'Json' } };
}

it('writes an event as JSON with its envelope, position and leaf as texts beside it', () => {
  const { streamName, record } = recordedEventOf(written, 42n, names);
  expect(streamName).toBe('cairn:thing-a');
  expect(record).toMatchObject({ id: event.id, type: event.type, contentType: 'application/json', data: { 9: 'nine', 10: 'ten' } });
  expect(record.metadata).toEqual({
    actor: 'bot',
    causationid: event.id,
    correlationid: meta.correlationId,
    leaf: expect.stringMatching(/^[0-9a-f]{64}$/),
    onbehalfof: 'bob',
    position: '42',
    source: '/test',
    time: '2026-01-02T03:04:05.000006Z',
    traceparent: '00-a-b-01',
    workspace: 'default',
  });
});

it('makes the exact text again, whatever the order of the keys', () => {
  const record = recordOf(stored(recordedEventOf(written, 42n, names), 7n), names);
  expect(record).toMatchObject({ position: 42n, stream: 'thing-a', revision: 7n, id: event.id, type: event.type, body: written.body });
  expect(record && verifyRecord(record)).toBe(true);
});

it.each([
  ['data', { data: { other: true } }],
  ['revision', { revision: 8n }],
  ['stream', { streamId: 'cairn:thing-b' }],
  ['type', { type: 'cairn.test.v1.Other' }],
])('shows a changed %s', (_, change) => {
  const record = recordOf({ ...stored(recordedEventOf(written, 42n, names), 7n), ...change } as RecordedEvent, names);
  expect(record && verifyRecord(record)).toBe(false);
});

it.each([undefined, new Uint8Array(2), {}, { position: '1' }, { position: 'x', leaf: 'ab' }])('passes over what others wrote: metadata %j', (metadata) => {
  expect(recordOf({ ...stored(recordedEventOf(written, 42n, names), 7n), metadata }, names)).toBeUndefined();
});

it('keeps the place of an id and the size of the log', () => {
  const place = { stream: 'thing-a', revision: 7n, position: 42n };
  expect(placeOf(stored(claimOf(event.id, place, names), 0n))).toEqual(place);
  expect(headOf(stored(growthOf(43n, names), 5n))).toEqual({ revision: 5n, size: 43n });
  expect(() => placeOf(stored(growthOf(43n, names), 5n))).toThrow(expect.objectContaining({ code: 'INVALID_EVENT' }));
});

it('keeps a log apart from the store’s own records, from other logs and from the server', () => {
  const streams = [names.outer('thing-a'), names.log, names.claimOf('x'), 'cairns:thing-a', '$ce-cairn'];
  const wanted = names.filter.prefixes.flatMap((prefix) => streams.filter((stream) => stream.startsWith(prefix)));
  expect(wanted).toEqual(['cairn:thing-a']);
  expect(names.inner('cairn:thing-a')).toBe('thing-a');
  expect(() => new StreamNames('a:b')).toThrow(RangeError);
});

it('expects exact states only', () => {
  expect([stateAt(-1n), stateAt(0n), stateAt(9n)]).toEqual(['no_stream', 0n, 9n]);
});

it.each([
  ['append-consistency-violation', 'conflict'],
  ['wrong-expected-version', 'conflict'],
  ['append-record-size-exceeded', 'too-large'],
  ['access-denied', 'refused'],
  ['unsupported', 'refused'],
  ['unavailable', 'passing'],
  ['not-leader', 'passing'],
  ['unknown', 'passing'],
] as const)('takes the client’s error %s as %s', (type, outcome) => {
  expect(outcomeOf(Object.assign(new Error(type), { type }))).toBe(outcome);
});

it('knows a stream that is not there, and that errors of the network may have been stored', () => {
  expect(isNoStream({ type: 'stream-not-found' })).toBe(true);
  expect(isNoStream(new Error('socket hang up'))).toBe(false);
  expect(outcomeOf(new Error('socket hang up'))).toBe('passing');
});
