import { newId } from '@cairn/kernel';
import { tempDir } from '@cairn/testing';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LOGGING } from '../../deployment/domain/logging.js';
import { DeploymentLog } from './deployment-log.js';
import { OpenSegment } from './journal/open-segment.js';

const rowsOf = (count: number) => ({
  inferenceId: newId(), timeMs: 0, eventTimeMs: 0, versionId: 'v', arm: 'live' as const, propensity: 1, latencyMs: 1,
  features: new Float64Array(count), predictions: new Float64Array(count),
});

function logThatSeals(stored: number[], hold: { write?: () => Promise<void>; store?: () => Promise<void> } = {}) {
  let now = 0;
  const directory = tempDir('journals');
  const owner = { workspace: 'default', deploymentId: newId(), deploymentName: 'delays' };
  const log = new DeploymentLog({
    segmentRows: 10,
    maxRows: 20,
    open: (columns, redacted) => new OpenSegment({ format: 'cairn-predictions-1', ...owner, segmentId: newId(), columns, redacted, bootId: '' }, directory, now),
    write: async ({ header, journalPath, buffer: { rows }, bytes }) => {
      await hold.write?.();
      return { header, journalPath, rows, bytes };
    },
    store: async ({ rows }) => {
      await hold.store?.();
      stored.push(rows);
    },
  });
  return { log, at: (timeMs: number) => (now = timeMs) };
}

describe('DeploymentLog', () => {
  it('seals a segment when it is full', async () => {
    const stored: number[] = [];
    const { log } = logThatSeals(stored);
    for (const rows of [4, 4, 4, 3]) log.add(DEFAULT_LOGGING, ['a'], rowsOf(rows));
    await log.seal();
    expect(stored).toEqual([12, 3]);
    await log.seal();
    expect(stored).toEqual([12, 3]);
  });

  it('seals by age', async () => {
    const stored: number[] = [];
    const { log, at } = logThatSeals(stored);
    log.add(DEFAULT_LOGGING, ['a'], rowsOf(1));
    at(5_000);
    log.add(DEFAULT_LOGGING, ['b'], rowsOf(2));
    log.sealOlderThan(1_000);
    await log.seal();
    expect(stored).toEqual([1, 2]);
  });

  it('keeps versions with other features apart', async () => {
    const stored: number[] = [];
    const { log } = logThatSeals(stored);
    log.add(DEFAULT_LOGGING, ['a'], rowsOf(1));
    log.add(DEFAULT_LOGGING, ['a', 'b'], rowsOf(2));
    log.add(DEFAULT_LOGGING, ['a'], rowsOf(3));
    await log.seal();
    expect(stored).toEqual([4, 2]);
  });

  it('keeps what is redacted apart from what is not, and no more than the sample', async () => {
    const stored: number[] = [];
    const { log } = logThatSeals(stored);
    log.add(DEFAULT_LOGGING, ['a'], rowsOf(1));
    const segment = log.add({ ...DEFAULT_LOGGING, redactedColumns: ['a'] }, ['a'], rowsOf(2));
    expect(segment?.buffer.contents()).toMatchObject({ redacted: ['a'], features: expect.objectContaining({ 0: Number.NaN, 1: Number.NaN }) });
    expect(log.add({ ...DEFAULT_LOGGING, sampleRate: 0 }, ['a'], rowsOf(3))).toBeUndefined();
    await log.seal();
    expect(stored).toEqual([1, 2]);
  });

  it('has room again once rows are in a file, whether that is stored or not', async () => {
    let write = (): void => undefined;
    let store = (): void => undefined;
    const { log } = logThatSeals([], { write: () => new Promise((resolve) => (write = resolve)), store: () => new Promise((resolve) => (store = resolve)) });
    log.add(DEFAULT_LOGGING, ['a'], rowsOf(10));
    expect(log.hasRoom(10)).toBe(true);
    expect(log.hasRoom(11)).toBe(false);
    const sealed = log.seal();
    await Promise.resolve();
    write();
    await expect.poll(() => log.hasRoom(20)).toBe(true);
    store();
    await sealed;
  });
});
