import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@cairn/kernel';
import { tempDir } from '@cairn/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InferenceEntry } from '../segment-buffer.js';
import { BlockEncoder } from './journal-block.js';
import { bootId } from './journal-header.js';
import { OpenSegment } from './open-segment.js';
import { readJournal } from './read-journal.js';

const COLUMNS = ['a', 'b'];
const directory = tempDir('journal');
const opened = () => {
  const owner = { workspace: 'w', deploymentId: newId(), deploymentName: 'délais' };
  return new OpenSegment({ format: 'cairn-predictions-1', segmentId: newId(), ...owner, columns: COLUMNS, redacted: [], bootId: bootId() }, directory, 0);
};
const entryOf = (rows: number, more: Partial<InferenceEntry> = {}): InferenceEntry => ({
  inferenceId: newId(), timeMs: 1_700_000_000_000 + rows, eventTimeMs: 5, versionId: 'v1', arm: 'canary', propensity: 0.1, latencyMs: 2.5, replicaId: 'r', featureVersions: '',
  features: Float64Array.from({ length: rows * 2 }, (_, index) => index / 3), predictions: Float64Array.from({ length: rows }, (_, index) => -index),
  ...more,
});

const aRequest = fc.record({
  rows: fc.integer({ min: 1, max: 90 }),
  versionId: fc.constantFrom('v1', 'v2', ''),
  arm: fc.constantFrom('live' as const, 'canary' as const, 'shadow' as const),
  featureVersions: fc.string({ unit: 'grapheme', maxLength: 20 }),
  latencyMs: fc.double({ noNaN: true }),
});

/** Blocks of requests, as they came. */
function written(blocks: readonly (readonly InferenceEntry[])[], { isEnded = false } = {}) {
  const encoder = new BlockEncoder();
  const segment = opened();
  const sizes = blocks.map((block) => {
    for (const entry of block) segment.add(entry, 0.5);
    segment.flush(encoder);
    return segment.bytes;
  });
  return { segment, sizes, end: async () => isEnded && segment.end(encoder) };
}

describe('a journal', () => {
  it('gives back what was written, whatever that was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(aRequest, { maxLength: 6 }), { maxLength: 5 }), async (blocks) => {
        const { segment } = written(blocks.map((block) => block.map(({ rows, ...more }) => entryOf(rows, more))));
        if (segment.buffer.rows === 0) return;
        const read = await readJournal(segment.journalPath);
        expect(read?.gap).toBeUndefined();
        expect(read?.header).toEqual(segment.header);
        expect(read?.buffer.summary()).toEqual(segment.buffer.summary());
        expect(filled(read?.buffer)).toEqual(filled(segment.buffer));
      }),
      { numRuns: 50 },
    );
  });

  it('takes large requests among small ones', async () => {
    const { segment } = written([[entryOf(1)], [entryOf(300_000)], [entryOf(2)], [entryOf(3)]]);
    const read = await readJournal(segment.journalPath);
    expect([read?.buffer.rows, read?.gap]).toEqual([300_006, undefined]);
    expect(filled(read?.buffer)).toEqual(filled(segment.buffer));
  });

  it('gives back whole blocks alone when it was cut off anywhere, and says how many rows are missing', async () => {
    const { segment, sizes } = written([[entryOf(1)], [entryOf(2), entryOf(3)], [entryOf(4)]]);
    const bytes = readFileSync(segment.journalPath);
    const [one = 0, two = 0] = sizes;
    for (let size = bytes.length - 1; size >= one; size -= 1) {
      truncateSync(segment.journalPath, size);
      const read = await readJournal(segment.journalPath);
      expect([size, read?.buffer.rows]).toEqual([size, size >= two ? 6 : 1]);
      const start = size >= two ? two : one;
      const torn = { reason: 'torn', rows: 0, isExact: false };
      if (size === start) expect(read?.gap).toBeUndefined();
      else expect(read?.gap).toMatchObject(size - start < 48 ? torn : { reason: 'torn', rows: size >= two ? 4 : 5, isExact: true });
    }
  });

  it('believes no block with a bit that changed', async () => {
    const { segment, sizes } = written([[entryOf(1)], [entryOf(2)]]);
    const bytes = readFileSync(segment.journalPath);
    for (let at = sizes[0] ?? 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 0x10, at);
      writeFileSync(segment.journalPath, damaged);
      const read = await readJournal(segment.journalPath);
      // Four bytes that fill up the header mean nothing.
      const isPadding = at - (sizes[0] ?? 0) >= 44 && at - (sizes[0] ?? 0) < 48;
      expect([at, read?.buffer.rows]).toEqual([at, isPadding ? 3 : 1]);
    }
  });

  it('does not know what a machine that went down took along, unless the journal was ended', async () => {
    const elsewhere = (path: string) => writeFileSync(path, readFileSync(path, 'latin1').replace(bootId(), bootId().replace(/^./, 'x')), 'latin1');
    const open = written([[entryOf(2)]]);
    elsewhere(open.segment.journalPath);
    const lastTimeMs = 1_700_000_000_002;
    expect((await readJournal(open.segment.journalPath))?.gap).toEqual({ reason: 'machine_crash', rows: 0, isExact: false, fromMs: lastTimeMs, toMs: lastTimeMs + 1_000 });
    const ended = written([[entryOf(2)]], { isEnded: true });
    await ended.end();
    elsewhere(ended.segment.journalPath);
    expect(await readJournal(ended.segment.journalPath)).toMatchObject({ gap: undefined, buffer: { rows: 2 } });
  });

  it('is read as versions before have written it', async () => {
    // Whoever has to change this names another format, and still reads this one: a process may have died before it was replaced.
    const path = join(directory, 'before');
    writeFileSync(path, Buffer.from(readFileSync(join(import.meta.dirname, 'fixtures/cairn-predictions-1.base64'), 'utf8'), 'base64'));
    const read = await readJournal(path);
    expect(read?.gap).toBeUndefined();
    expect(read?.header).toMatchObject({ segmentId: '0198c7a0-1234-7abc-8def-0000000000aa', deploymentName: 'delays', columns: ['distance', 'hour'], redacted: ['hour'] });
    expect(read?.buffer.summary()).toEqual({
      rowCount: 3, firstInferenceId: '0198c7a0-1234-7abc-8def-000000000001', lastInferenceId: '0198c7a0-1234-7abc-8def-000000000002', versionIds: ['v1'],
      firstTime: '2026-01-31T11:59:59.000Z', lastTime: '2026-01-31T12:00:00.000Z',
    });
    expect(filled(read?.buffer)).toMatchObject({
      texts: ['v1', 'canary', 'replica-1', 'flights@3', '', 'fallback'],
      features: new Float64Array([1, Number.NaN, 2, Number.NaN, 3, Number.NaN]), predictions: new Float64Array([0.25, 0.5, 0.75]),
      perRequest: [[2, 1], [1_769_860_800_000, 1_769_860_800_005], [1.5, 0], [0.1, 1], [0.5, 0.5], [0, 4], [1, 5], [3, 4]],
    });
  });

  it('is nothing without its first line', async () => {
    const path = join(directory, 'empty');
    for (const text of ['', '\0\0\0\0', '{"format":"other"}\n', '{"format":"cairn-pred']) {
      writeFileSync(path, text);
      expect(await readJournal(path)).toBeUndefined();
    }
  });
});

/** What is in the arrays, without the room behind it. */
function filled(buffer: OpenSegment['buffer'] | undefined) {
  const rows = buffer?.contents();
  if (rows === undefined) return undefined;
  const { rowCount, requestCount, columns, texts } = rows;
  const perRequest = [rows.requestRows, rows.timesMs, rows.latenciesMs, rows.propensities, rows.sampleRates, rows.versionIndex, rows.armIndex, rows.featureVersionsIndex];
  return {
    texts, columns, features: rows.features.slice(0, rowCount * 2), predictions: rows.predictions.slice(0, rowCount), ids: rows.inferenceIds.slice(0, requestCount * 16),
    perRequest: perRequest.map((column) => [...column.slice(0, requestCount)]),
  };
}
