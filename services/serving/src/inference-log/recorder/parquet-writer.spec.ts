import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@cairn/kernel';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ParquetWriter } from './parquet-writer.js';
import { SegmentBuffer, type InferenceEntry } from './segment-buffer.js';

const entry = (more: Partial<InferenceEntry>): InferenceEntry => ({
  inferenceId: newId(), timeMs: 1_000, eventTimeMs: 500, versionId: 'v1', arm: 'live', propensity: 1, latencyMs: 2,
  features: new Float64Array([1, 2]), predictions: new Float64Array([0.5]),
  ...more,
});

describe('ParquetWriter', () => {
  let directory: string;
  let path: string;
  let writer: ParquetWriter;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cairn-parquet-'));
    path = join(directory, 'file.parquet');
    writer = new ParquetWriter();
  });

  afterEach(async () => {
    await writer.close();
    await rm(directory, { recursive: true });
  });

  it('writes one row per prediction', async () => {
    const buffer = new SegmentBuffer(['a', 'b']);
    const one = entry({ features: new Float64Array([1, 2, 3, 4]), predictions: new Float64Array([0.25, 0.75]) });
    const two = entry({ arm: 'fallback', versionId: '', timeMs: 2_000, eventTimeMs: Date.parse('2001-04-01T00:00:00Z'), latencyMs: 0.5 });
    buffer.add(one);
    buffer.add(two);
    expect(await writer.writeSegment(path, buffer.contents())).toBeGreaterThan(0);
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
    const [first, second, third] = rows;
    expect(first).toEqual({
      prediction_id: `${one.inferenceId}:0`, inference_id: one.inferenceId, time: new Date(1_000), event_time: new Date(500), version_id: 'v1', arm: 'live',
      propensity: 1, sample_rate: 1, replica_id: '', feature_versions: '', a: 1, b: 2, prediction: 0.25, latency_ms: 2,
    });
    expect(second).toMatchObject({ prediction_id: `${one.inferenceId}:1`, a: 3, b: 4, prediction: 0.75 });
    expect(third).toMatchObject({ prediction_id: `${two.inferenceId}:0`, version_id: '', arm: 'fallback', event_time: new Date('2001-04-01T00:00:00Z') });
    expect(rows).toHaveLength(3);
  });

  it('writes what is known of a request, and null for what nobody may keep', async () => {
    const buffer = new SegmentBuffer(['a', 'b'], ['b']);
    buffer.add(entry({ propensity: 0.1, replicaId: 'r1', featureVersions: 'flights@3', features: new Float64Array([1, Number.NaN]) }), 0.25);
    await writer.writeSegment(path, buffer.contents());
    const [row] = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
    expect(row).toMatchObject({ propensity: 0.1, sample_rate: 0.25, replica_id: 'r1', feature_versions: 'flights@3', a: 1, b: null });
  });

  it('writes features that are called like columns of the log', async () => {
    const buffer = new SegmentBuffer(['time', 'Arm'], ['Arm']);
    buffer.add(entry({ features: new Float64Array([3, Number.NaN]) }));
    await writer.writeSegment(path, buffer.contents());
    const [row] = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
    expect(row).toMatchObject({ time: new Date(1_000), arm: 'live', feature_time: 3, feature_Arm: null });
  });

  it('keeps every row of many requests', async () => {
    const buffer = new SegmentBuffer(['a', 'b']);
    const entries = Array.from({ length: 3_000 }, (_, index) => entry({ predictions: new Float64Array([index]) }));
    for (const one of entries) buffer.add(one);
    await writer.writeSegment(path, buffer.contents());
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path), columns: ['prediction_id', 'prediction'] });
    expect(rows).toEqual(entries.map(({ inferenceId }, index) => ({ prediction_id: `${inferenceId}:0`, prediction: index })));
  });

  it('writes features-free rows', async () => {
    const buffer = new SegmentBuffer([]);
    buffer.add(entry({ features: new Float64Array(0) }));
    await writer.writeSegment(path, buffer.contents());
    expect((await parquetMetadataAsync(await asyncBufferFromFile(path))).num_rows).toBe(1n);
  });

  it('writes labels', async () => {
    const id = `${newId()}:7`;
    await writer.writeLabels(path, { predictionIds: [id], labels: new Float64Array([1]), knownTimesMs: new Float64Array([1_500]) });
    expect(await parquetReadObjects({ file: await asyncBufferFromFile(path) })).toEqual([{ prediction_id: id, label: 1, known_time: new Date(1_500) }]);
  });

  it('says that it could not write, and writes the next one', async () => {
    const labels = () => ({ predictionIds: ['x:0'], labels: new Float64Array(1), knownTimesMs: new Float64Array(1) });
    await expect(writer.writeLabels(join(directory, 'absent', 'file'), labels())).rejects.toThrow('ENOENT');
    await expect(writer.writeLabels(path, labels())).resolves.toBeGreaterThan(0);
    await writer.close();
    await expect(writer.writeLabels(path, labels())).resolves.toBeGreaterThan(0);
  });
});

describe('SegmentBuffer', () => {
  it('sums up what is in it', () => {
    const buffer = new SegmentBuffer(['a', 'b']);
    const [one, two] = [entry({ eventTimeMs: 2_000 }), entry({ versionId: 'v2', arm: 'canary', eventTimeMs: 1_000 })];
    for (const added of [two, one, entry({ inferenceId: two.inferenceId, versionId: 'v3', arm: 'shadow', eventTimeMs: 1_500 })]) buffer.add(added);
    expect(buffer.summary()).toEqual({
      rowCount: 3, firstInferenceId: one.inferenceId, lastInferenceId: two.inferenceId, firstTime: '1970-01-01T00:00:01.000Z', lastTime: '1970-01-01T00:00:02.000Z',
      versionIds: ['v2', 'v1'],
    });
  });

  it('takes no room for a request without rows', () => {
    const buffer = new SegmentBuffer([]);
    buffer.add(entry({ predictions: new Float64Array(0) }));
    expect(buffer.rows).toBe(0);
  });
});
