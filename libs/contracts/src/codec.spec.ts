import { describe, expect, it } from 'vitest';
import { decodeEvent, encodeEvent } from './codec.js';
import type { EventOf } from './event.js';
import type { MetricsLogged } from './gen/cairn/tracking/v1/events_pb.js';

const logged: EventOf<MetricsLogged> = {
  type: 'cairn.tracking.v1.MetricsLogged',
  data: {
    runId: 'r', keys: ['auc', 'loss'], values: [0.7, NaN], timestampsMs: [1n, 9_007_199_254_740_993n], steps: [0n, 1n], modelIds: [], datasetNames: [], datasetDigests: [],
  },
};

describe('event codec', () => {
  it('carries 64-bit integers and NaN through proto3 JSON unchanged', () => {
    const json = JSON.parse(JSON.stringify(encodeEvent(logged)));
    expect(json).toEqual({ runId: 'r', keys: ['auc', 'loss'], values: [0.7, 'NaN'], timestampsMs: ['1', '9007199254740993'], steps: ['0', '1'] });
    expect(decodeEvent<typeof logged>(logged.type, json).data.timestampsMs[1]).toBe(9_007_199_254_740_993n);
  });

  it('reads what a newer service wrote', () => {
    const event = decodeEvent<typeof logged>(logged.type, { runId: 'r', addedLater: true });
    expect(event.data.keys).toEqual([]);
  });

  it('refuses data of another shape', () => {
    expect(() => decodeEvent(logged.type, { runId: 1 })).toThrow(expect.objectContaining({ code: 'INVALID_EVENT_DATA' }));
  });

  it('refuses a type that nobody defined', () => {
    expect(() => encodeEvent({ type: 'cairn.tracking.v1.Nothing', data: {} })).toThrow(expect.objectContaining({ code: 'UNKNOWN_EVENT_TYPE' }));
  });
});
