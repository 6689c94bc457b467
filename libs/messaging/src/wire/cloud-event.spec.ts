import { encodeEvent, type EventOf, type tracking } from '@cairn/contracts';
import type { StoredEvent } from '@cairn/event-store';
import { newId } from '@cairn/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCloudEvent, toDelivery } from './cloud-event.js';
import { decodeHeader, encodeHeader } from './header-value.js';

type Logged = EventOf<tracking.MetricsLogged>;

const event: Logged = {
  type: 'cairn.tracking.v1.MetricsLogged',
  data: { runId: 'r', keys: ['auc'], values: [NaN], timestampsMs: [9_007_199_254_740_993n], steps: [3n], modelIds: [], datasetNames: [], datasetDigests: [] },
};

const uncaused: StoredEvent = {
  position: 9_007_199_254_740_993n,
  stream: `run-${newId()}`,
  revision: 4n,
  id: newId(),
  type: event.type,
  source: '/experiment-tracking',
  workspace: 'Größe & "Maß" 100%',
  time: '2026-01-02T03:04:05.678901Z',
  actor: { principal: 'service:x', onBehalfOf: 'Ada\r\nce-actor: root' },
  correlationId: newId(),
  data: encodeEvent(event),
};
const stored: StoredEvent = { ...uncaused, causationId: newId(), traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };

const read = (message = toCloudEvent(stored)) => {
  const headers = new Map(message.headers.map(([name, value]) => [name, value]));
  return toDelivery<Logged>((name) => headers.get(name), new TextEncoder().encode(message.payload), { attempt: 2, service: 'serving' });
};

describe('an event as a message', () => {
  it('keeps everything that the log keeps', () => {
    const { event: decoded, ...envelope } = read();
    expect({ ...envelope, type: decoded.type, data: stored.data }).toEqual({ ...stored, attempt: 2, service: 'serving' });
    expect(decoded).toMatchObject(event);
  });

  it('leaves out what the event does not have', () => {
    const delivery = read(toCloudEvent({ ...uncaused, actor: { principal: 'ada' } }));
    expect(Object.keys(delivery)).not.toContain('causationId');
    expect(delivery.actor).toEqual({ principal: 'ada' });
  });

  it('never lets a value begin a header of its own', () => {
    for (const [, value] of toCloudEvent(stored).headers) expect(value).toMatch(/^[\x21-\x7e]*$/);
  });

  it('is refused without its headers or with a broken payload', () => {
    const message = toCloudEvent(stored);
    expect(() => read({ ...message, headers: message.headers.slice(0, 5) })).toThrow(expect.objectContaining({ code: 'MALFORMED_MESSAGE' }));
    expect(() => read({ ...message, payload: '{' })).toThrow(expect.objectContaining({ code: 'MALFORMED_MESSAGE' }));
  });
});

describe('header values', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeHeader(encodeHeader(text))).toBe(text);
      }),
    );
  });

  it('are read from a foreign writer that encodes less', () => {
    expect(decodeHeader('50 %, Größe')).toBe('50 %, Größe');
  });
});
