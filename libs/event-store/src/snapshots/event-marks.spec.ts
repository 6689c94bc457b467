import { eventIdOf, newId } from '@cairn/kernel';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventMarks } from './event-marks.js';

const idEnding = (mark: string) => `01900000-0000-7000-8000-0000${mark}`;

it('marks say of every id that was added where it may lie, also after they were written and read', () => {
  const ids = fc.array(fc.oneof(fc.uuid(), fc.constantFrom(idEnding('00000000'), idEnding('ffffffff'), idEnding('0000000a'))), { maxLength: 60 });
  fc.assert(
    fc.property(ids, (some) => {
      const marks = new EventMarks();
      some.forEach((id, index) => marks.add(BigInt(index), id));
      const read = EventMarks.fromText(marks.toText(some.length));
      expect(read.size).toBe(some.length);
      for (const each of [marks, read]) some.forEach((id, index) => expect([...each.revisionsOf(id)]).toContain(BigInt(index)));
    }),
  );
});

it('marks know nothing of ids that were not added, zeros included', () => {
  const marks = new EventMarks();
  const command = newId();
  for (let index = 0; index < 40; index += 1) marks.add(BigInt(index), eventIdOf(command, 'thing-a', index));
  expect([...marks.revisionsOf(idEnding('00000000'))]).toEqual([]);
  expect([...new EventMarks().revisionsOf(idEnding('00000000'))]).toEqual([]);
});

it('marks take what is added twice once, and several places for ids that look alike', () => {
  const marks = new EventMarks();
  for (const revision of [0n, 1n, 1n, 0n, 2n]) marks.add(revision, revision === 1n ? idEnding('0000000b') : idEnding('0000000a'));
  expect(marks.size).toBe(3);
  expect([...marks.revisionsOf(idEnding('0000000a'))]).toEqual([0n, 2n]);
  marks.add(3n, newId());
  expect(EventMarks.fromText(marks.toText(3)).size).toBe(3);
});

it('marks are written in the same order of bytes everywhere', () => {
  const marks = new EventMarks();
  marks.add(0n, idEnding('01020304'));
  expect(Buffer.from(marks.toText(1), 'base64')).toEqual(Buffer.from([1, 2, 3, 4]));
});
