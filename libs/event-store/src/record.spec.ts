import canonicalize from 'canonicalize';
import { hashLeaf } from '@cairn/transparency';
import { describe, expect, it } from 'vitest';
import { newId } from '@cairn/kernel';
import type { NewEvent } from './event-store.js';
import { draftEvent, leafHash, leafHashHex, MAX_EVENT_BYTES, parseRecord, verifyRecord, writeEvent } from './record.js';

const time = '2026-01-02T03:04:05.000006Z';
const event: NewEvent = {
  id: newId(),
  type: 'cairn.test.v1.Happened',
  data: { z: 'é', a: [1, { y: null, x: 0.1 }] },
  meta: {
    source: '/test',
    workspace: 'default',
    actor: { principal: 'alice', onBehalfOf: 'bob "b"' },
    correlationId: newId(),
    causationId: newId(),
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  },
};
const recordOf = (stored: NewEvent) => {
  const written = writeEvent(draftEvent('thing-1', stored), 3n, time);
  return { position: 7n, ...written, leaf: leafHash(written.body) };
};

describe('record', () => {
  it('is the canonical JSON of every field but the position', () => {
    const { body } = recordOf(event);
    expect(JSON.parse(body)).toEqual({
      specversion: '1.0',
      id: event.id,
      type: event.type,
      source: '/test',
      workspace: 'default',
      subject: 'thing-1',
      time,
      data: event.data,
      revision: '3',
      actor: 'alice',
      onbehalfof: 'bob "b"',
      correlationid: event.meta.correlationId,
      causationid: event.meta.causationId,
      traceparent: event.meta.traceparent,
    });
    expect(body).toBe(canonicalize(JSON.parse(body)));
  });

  it('leaves out what is absent', () => {
    const { body } = recordOf({ ...event, meta: { source: '/test', workspace: 'w', actor: { principal: 'alice' }, correlationId: 'c' } });
    expect(body).toBe(canonicalize(JSON.parse(body)));
    expect(Object.keys(JSON.parse(body))).toEqual(['actor', 'correlationid', 'data', 'id', 'revision', 'source', 'specversion', 'subject', 'time', 'type', 'workspace']);
  });

  it('comes back as it was', () => {
    expect(parseRecord(recordOf(event))).toEqual({
      position: 7n, stream: 'thing-1', revision: 3n, id: event.id, type: event.type, time, data: event.data, ...event.meta,
    });
  });

  it('has the leaf hash of RFC 6962', () => {
    const record = recordOf(event);
    expect(Buffer.from(record.leaf)).toEqual(Buffer.from(hashLeaf(Buffer.from(record.body))));
    expect(leafHashHex(Buffer.from(`\0${record.body}`))).toBe(leafHash(record.body).toString('hex'));
    expect(leafHash('').toString('hex')).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
  });

  it('verifies as long as nobody touched it', () => {
    const record = recordOf(event);
    expect(verifyRecord(record)).toBe(true);
    const edited = record.body.replace('alice', 'mallory');
    expect(verifyRecord({ ...record, body: edited })).toBe(false);
    expect(verifyRecord({ ...record, body: edited, leaf: leafHash(edited), stream: 'thing-2' })).toBe(false);
    expect(verifyRecord({ ...record, revision: 4n })).toBe(false);
    expect(verifyRecord({ ...record, type: 'cairn.test.v1.Other' })).toBe(false);
    expect(verifyRecord({ ...record, id: newId() })).toBe(false);
    const spaced = record.body.replace('{"actor"', '{ "actor"');
    expect(verifyRecord({ ...record, body: spaced, leaf: leafHash(spaced) })).toBe(false);
    expect(verifyRecord({ ...record, body: 'x', leaf: leafHash('x') })).toBe(false);
  });

  it('takes an event of exactly 60 KB and no byte more', () => {
    const sized = (length: number) => draftEvent('thing-1', { ...event, data: { text: 'x'.repeat(length) } });
    const room = MAX_EVENT_BYTES - sized(0).maxBytes;
    expect(sized(room).maxBytes).toBe(MAX_EVENT_BYTES);
    expect(() => sized(room + 1)).toThrow(expect.objectContaining({ code: 'INVALID_EVENT' }));
    expect(() => draftEvent('thing-1', { ...event, data: { text: 'é'.repeat(MAX_EVENT_BYTES / 2) } })).toThrow(expect.objectContaining({ code: 'INVALID_EVENT' }));
  });

  it.each([
    ['an id that is no UUID', { ...event, id: 'x' }],
    ['an id in upper case, which PostgreSQL would rewrite', { ...event, id: event.id.toUpperCase() }],
    ['a type without letters', { ...event, type: '' }],
    ['a type with a quote', { ...event, type: 'a"b' }],
    ['U+0000 in a text', { ...event, data: { text: 'a\\\0' } }],
    ['U+0000 in a key', { ...event, data: { '\0': 1 } }],
    ['U+0000 in the metadata', { ...event, meta: { ...event.meta, workspace: 'a\0' } }],
    ['a lone surrogate in the metadata', { ...event, meta: { ...event.meta, workspace: '\ud83d' } }],
  ])('refuses %s', (_, bad) => {
    expect(() => draftEvent('thing-1', bad)).toThrow(expect.objectContaining({ code: 'INVALID_EVENT' }));
  });

  it('takes an escape of U+0000 that is only spelt out', () => {
    expect(draftEvent('thing-1', { ...event, data: { text: '\\u0000' } }).parts[0]).toContain('\\\\u0000');
  });

  it('refuses a stream name that is no single visible word', () => {
    for (const name of ['', 'a b', 'a\n', 'a"', 'a\\', 'x'.repeat(256)]) expect(() => draftEvent(name, event)).toThrow(expect.objectContaining({ code: 'INVALID_EVENT' }));
  });
});
