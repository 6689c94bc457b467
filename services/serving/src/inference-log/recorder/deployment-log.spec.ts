import { newId } from '@cairn/kernel';
import { describe, expect, it } from 'vitest';
import { DeploymentLog } from './deployment-log.js';
import type { SegmentBuffer } from './segment-buffer.js';

const rowsOf = (count: number) => ({
  inferenceId: newId(), timeMs: 0, eventTimeMs: 0, versionId: 'v', arm: 'live' as const, latencyMs: 1,
  features: new Float64Array(count), predictions: new Float64Array(count),
});

function logThatSeals(sealed: number[], seal: (buffer: SegmentBuffer) => Promise<void> = async () => undefined) {
  let now = 0;
  const log = new DeploymentLog({
    segmentRows: 10,
    maxRows: 20,
    seal: async (buffer) => {
      await seal(buffer);
      sealed.push(buffer.rows);
    },
    now: () => now,
  });
  return { log, at: (timeMs: number) => (now = timeMs) };
}

describe('DeploymentLog', () => {
  it('seals a segment when it is full', async () => {
    const sealed: number[] = [];
    const { log } = logThatSeals(sealed);
    for (const rows of [4, 4, 4, 3]) log.add(['a'], rowsOf(rows));
    await log.seal();
    expect(sealed).toEqual([12, 3]);
    await log.seal();
    expect(sealed).toEqual([12, 3]);
  });

  it('seals by age', async () => {
    const sealed: number[] = [];
    const { log, at } = logThatSeals(sealed);
    log.add(['a'], rowsOf(1));
    at(5_000);
    log.add(['b'], rowsOf(2));
    log.sealOlderThan(1_000);
    await Promise.resolve();
    await log.seal();
    expect(sealed).toEqual([1, 2]);
  });

  it('keeps versions with other features apart', async () => {
    const sealed: number[] = [];
    const { log } = logThatSeals(sealed);
    log.add(['a'], rowsOf(1));
    log.add(['a', 'b'], rowsOf(2));
    log.add(['a'], rowsOf(3));
    await log.seal();
    expect(sealed).toEqual([4, 2]);
  });

  it('has room again once rows are stored', async () => {
    let release = (): void => undefined;
    const { log } = logThatSeals([], () => new Promise((resolve) => (release = resolve)));
    log.add(['a'], rowsOf(10));
    expect(log.hasRoom(10)).toBe(true);
    expect(log.hasRoom(11)).toBe(false);
    const sealed = log.seal();
    await Promise.resolve();
    release();
    await sealed;
    expect(log.hasRoom(20)).toBe(true);
  });
});
