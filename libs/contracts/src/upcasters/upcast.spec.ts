import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeEvent, encodeEvent } from '../codec.js';
import type { EventOf } from '../event.js';
import type { DatasetVersionRegistered } from '../gen/cairn/catalog/v1/events_pb.js';
import type { RunStarted } from '../gen/cairn/tracking/v1/events_pb.js';
import { upcast } from './upcast.js';

interface Fixture {
  /** Of the record as it was appended, in hex. */
  readonly leaf: string;
  readonly body: string;
}

/** Records of the log as they were appended, byte for byte. */
function fixtures(name: string): readonly Fixture[] {
  return readFileSync(new URL(`fixtures/${name}.jsonl`, import.meta.url), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
}

function decoded<Event extends EventOf<DatasetVersionRegistered | RunStarted>>({ body }: Fixture): Event['data'] {
  const { type, data } = JSON.parse(body);
  return decodeEvent<Event>(type, data).data;
}

describe('events of the log from before their type changed', () => {
  const registered = fixtures('dataset-version-registered.origin');

  it.each([...registered, ...fixtures('run-started.unsealed')])('still are the bytes that were hashed: $leaf', ({ leaf, body }) => {
    expect(hash('sha256', `\0${body}`)).toBe(leaf);
  });

  it('get the source of a dataset version from its origin', () => {
    const sources = registered.map((fixture) => decoded<EventOf<DatasetVersionRegistered>>(fixture).source);
    expect(sources).toEqual([
      expect.objectContaining({ kind: 'package', name: 'vega-datasets', version: '3.2.1' }),
      expect.objectContaining({ kind: 'uri', name: 'https://example.org/flights.parquet', version: '' }),
      expect.objectContaining({ kind: 'text', name: 'a folder', version: '' }),
      undefined,
    ]);
  });

  it('keep everything else', () => {
    for (const fixture of registered) {
      const { data } = JSON.parse(fixture.body);
      const now = encodeEvent({ type: 'cairn.catalog.v1.DatasetVersionRegistered', data: decoded(fixture) });
      delete now['source'];
      expect(now).toEqual(data);
    }
  });

  it('show who started a run, from before that was sealed', () => {
    expect(fixtures('run-started.unsealed').map((fixture) => decoded<EventOf<RunStarted>>(fixture).user)).toEqual(['ada']);
  });
});

it('leaves alone what has the shape of now, and types that never changed', () => {
  const source = { kind: 'uri', name: 's3://bucket/key', version: '' };
  const data = { versionId: 'v', origin: 'npm:x@1', source };
  expect(upcast('cairn.catalog.v1.DatasetVersionRegistered', data)).toEqual({ type: 'cairn.catalog.v1.DatasetVersionRegistered', data });
  expect(upcast('toString', data)).toEqual({ type: 'toString', data });
});
