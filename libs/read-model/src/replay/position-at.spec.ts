import { MemoryEventStore } from '@cairn/event-store';
import { FixedClock } from '@cairn/kernel';
import { expect, it } from 'vitest';
import { registerDataset } from '../testing/dataset-names.js';
import { positionAt, positionFrom } from './position-at.js';

const timeOf = (second: number): string => `${new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString().slice(0, 19)}.000000Z`;

async function logOf(seconds: readonly number[]): Promise<MemoryEventStore> {
  const clock = new FixedClock('');
  const log = new MemoryEventStore({ clock });
  for (const second of seconds) {
    clock.time = timeOf(second);
    await registerDataset(log, `dataset at ${second}`);
  }
  return log;
}

it('finds the last event that is not later, and the first one that is not earlier', async () => {
  const log = await logOf([10, 20, 20, 30]);
  expect(await Promise.all([9, 10, 15, 20, 25, 30, 31].map((second) => positionAt(log, timeOf(second))))).toEqual([undefined, 0n, 0n, 2n, 2n, 3n, 3n]);
  expect(await Promise.all([9, 10, 15, 20, 25, 30, 31].map((second) => positionFrom(log, timeOf(second))))).toEqual([0n, 0n, 1n, 1n, 3n, 3n, undefined]);
});

it('finds nothing in an empty log', async () => {
  const log = await logOf([]);
  expect([await positionAt(log, timeOf(1)), await positionFrom(log, timeOf(1))]).toEqual([undefined, undefined]);
});

it('looks beyond the order of positions, for the clocks of several processes', async () => {
  // Every other event is of a process that is four seconds behind.
  const seconds = Array.from({ length: 600 }, (_, index) => (index % 2 === 0 ? index : index - 4));
  const log = await logOf(seconds);
  for (const second of [-3, 0, 7, 100, 301, 598]) {
    expect(await positionAt(log, timeOf(second))).toBe(BigInt(seconds.findLastIndex((each) => each <= second)));
    expect(await positionFrom(log, timeOf(second))).toBe(BigInt(seconds.findIndex((each) => each >= second)));
  }
});
