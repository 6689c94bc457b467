import { expect, it } from 'vitest';
import { decodeEvent } from './codec.js';
import { personalFields, SEALED, SEALED_PREFIX } from './personal.js';
import { eventSchema, eventTypes } from './registry.js';

it('knows the fields about persons, and who each is about', () => {
  expect(personalFields('cairn.tracking.v1.RunStarted')).toEqual([{ name: 'user', subject: 'user' }]);
  expect(personalFields('cairn.tracking.v1.RunFinished')).toEqual([]);
  expect(personalFields('cairn.tracking.v1.Nothing')).toEqual([]);
});

it('finds every personal field to be a single text, and to name a field that is one', () => {
  for (const type of eventTypes()) {
    for (const { name, subject } of personalFields(type)) {
      for (const field of [name, subject]) {
        expect(eventSchema(type)?.fields.find(({ jsonName }) => jsonName === field), `${type}.${field}`).toMatchObject({ fieldKind: 'scalar', scalar: 9 });
      }
    }
  }
});

it('shows a seal that nobody opened as such', () => {
  const { data } = decodeEvent('cairn.tracking.v1.RunStarted', { runId: 'r', user: `${SEALED_PREFIX}k:AAAA`, name: `${SEALED_PREFIX}a name` });
  expect(data).toMatchObject({ runId: 'r', user: SEALED, name: `${SEALED_PREFIX}a name` });
});
