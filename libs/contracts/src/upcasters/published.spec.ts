import { readFileSync } from 'node:fs';
import { createFileRegistry, fromBinary, type DescField, type DescMessage } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { JsonObject } from '@cairn/kernel';
import { describe, expect, it } from 'vitest';
import { decodeEvent } from '../codec.js';

interface Fixture {
  readonly type: string;
  /** As the log keeps it. Written by hand after the published definition, with every field of it and nothing that is its default. */
  readonly data: JsonObject;
}

const fixtures: readonly Fixture[] = ['tracking', 'registry'].flatMap((name) =>
  readFileSync(new URL(`fixtures/published.${name}.jsonl`, import.meta.url), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line)),
);

/** What logs may hold: the definitions of the last release. */
function published(): readonly DescMessage[] {
  const files = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(new URL('../../../../proto/published.binpb', import.meta.url))));
  const messages = ['tracking', 'registry'].flatMap((name) => files.getFile(`cairn/${name}/v1/events.proto`)?.messages ?? []);
  const parts = new Set(messages.flatMap(({ fields }) => fields.map(({ message }) => message?.typeName)));
  return messages.filter(({ typeName }) => !parts.has(typeName));
}

/** Names of the fields that the data leaves out, at any depth. */
function absent({ fields }: DescMessage, data: JsonObject, path = ''): string[] {
  return fields.flatMap(({ jsonName, message }: DescField) => {
    const [value] = [data[jsonName] ?? []].flat();
    if (value === undefined) return [`${path}${jsonName}`];
    return message === undefined ? [] : absent(message, value as JsonObject, `${path}${jsonName}.`);
  });
}

/** Decoded data as JSON would write it: 64-bit integers and what is no finite number as texts. */
function asStored(value: unknown): unknown {
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))) return String(value);
  if (Array.isArray(value)) return value.map(asStored);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asStored(inner)]));
}

describe('events of tracking and the registry as they were published', () => {
  const events = published();

  it('each have a fixture with every field', () => {
    const missing = events.flatMap((event) => {
      const fixture = fixtures.find(({ type }) => type === event.typeName);
      return fixture === undefined ? [event.typeName] : absent(event, fixture.data, `${event.typeName}.`);
    });
    expect(missing, 'write what was published by hand into a file under fixtures/').toEqual([]);
  });

  it.each(fixtures)('$type decodes to what it said', ({ type, data }) => {
    const event = decodeEvent(type, data);
    expect(event.type).toBe(type);
    expect(asStored(event.data)).toMatchObject(data);
  });

  it.each(events)('$typeName has its fields when the log left out defaults', ({ typeName, fields }) => {
    const { data } = decodeEvent(typeName, {});
    for (const { localName, presence, message } of fields) {
      const mayBeAbsent = message !== undefined || presence === FeatureSet_FieldPresence.EXPLICIT;
      if (!mayBeAbsent) expect(data, localName).toHaveProperty(localName);
    }
  });
});
