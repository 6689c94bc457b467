import { chmod, readFile, writeFile } from 'node:fs/promises';
import { newId } from '@cairn/kernel';
import type { Digest } from '@cairn/object-store';
import { startTestService, type TestService } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';
import { append, tellStory, type Story } from '../story.js';

describe('GET /lineage/v1/predictions/{prediction_id}', () => {
  let lineage: TestService;
  let story: Story;
  beforeAll(async () => {
    lineage = await startTestService(service);
    story = await tellStory(lineage);
  });
  afterAll(() => lineage.close());

  const trace = (id: string) => lineage.fetchJson('GET', `/lineage/v1/predictions/${id}`);

  describe('200', () => {
    it('leads from the prediction to the file that came from outside', async () => {
      const { status, body } = await trace(`${story.inference}:2`);
      expect(status).toBe(200);
      expect(body).toMatchObject({ model_version_id: story.version, arm: 'live', prediction: 0.2, features: { late_share: 0.5 }, complete: true });
      expect(body.hops.map(({ kind }: { kind: string }) => kind)).toEqual([
        'segment', 'model-version', 'run', 'job', 'training-set', 'feature-service', 'feature-view', 'dataset-version', 'dataset-version', 'contract', 'origin',
      ]);
      expect(body.hop_count).toBe(body.hops.length);
      expect(body.hops[0]).toMatchObject({ from: `prediction:${story.inference}:2`, to: `segment:${story.segment}` });
      expect(body.hops.at(-1)).toMatchObject({ relation: 'imported-as', label: 'npm:vega-datasets@3.2.1' });
      for (const { event_id, position, time } of body.hops) {
        expect(event_id).toMatch(/^[0-9a-f-]{36}$/);
        expect(Number(position)).toBeLessThan(Number(await lineage.store.size()));
        expect(time).toMatch(/Z$/);
      }
    });

    it('names the rows that the model learnt from, and what they were in the first file', async () => {
      const { body } = await trace(`${story.inference}:0`);
      // Rows 1, 4, 7, 10, 13 of the clean version; rows 0, 10, 20 … of the raw one are not among its rows.
      expect(body.source_rows).toEqual({
        count: 30,
        examples: [1, 4, 7, 10, 13],
        versions: [
          { node: `dataset-version:${story.clean}`, label: 'flights v2', rows: [1, 4, 7, 10, 13] },
          { node: `dataset-version:${story.raw}`, label: 'flights v1', rows: [2, 5, 8, 12, 15] },
        ],
      });
    });

    it('says that the fallback answered, and that this leads to no data', async () => {
      const { body } = await trace(`${story.inference}:3`);
      expect(body).toMatchObject({ arm: 'fallback', model_version_id: '', complete: false, hop_count: 1 });
      expect(body).not.toHaveProperty('source_rows');
    });
  });

  describe('400', () => {
    it.each(['nonsense', `${newId()}`, `${newId()}:x`, `${newId()}:-1`])('refuses %s', async (id) => {
      expect(await trace(id)).toMatchObject({ status: 400, body: { code: 'INVALID_PREDICTION_ID' } });
    });
  });

  describe('404', () => {
    it('does not know a prediction that no segment has', async () => {
      expect(await trace(`${newId()}:0`)).toMatchObject({ status: 404, body: { code: 'PREDICTION_NOT_FOUND' } });
      expect(await trace(`${story.inference}:99`)).toMatchObject({ status: 404, body: { code: 'PREDICTION_NOT_FOUND' } });
    });

    it('does not know it in another workspace', async () => {
      const { status } = await lineage.fetchJson('GET', `/lineage/v1/predictions/${story.inference}:0`, undefined, { 'x-cairn-workspace': 'another' });
      expect(status).toBe(404);
    });
  });

  describe('422', () => {
    it('says so when a file is not what the log recorded', async () => {
      const path = await lineage.running.parts.objectStore.localPath(story.segmentDigest as Digest);
      const bytes = await readFile(path);
      await chmod(path, 0o644);
      await writeFile(path, bytes.with(5, bytes[5]! ^ 1));
      expect(await trace(`${story.inference}:0`)).toMatchObject({ status: 422, body: { code: 'EVIDENCE_CHANGED' } });
    });
  });

  // Last: nothing is left of the segment afterwards.
  describe('404, in the end', () => {
    it('does not know a prediction whose segment has expired', async () => {
      const expired = { deploymentId: newId(), deploymentName: 'delays', expiryId: newId(), segmentIds: [story.segment], retentionDays: 30 };
      await append(lineage, [['cairn.serving.v1.SegmentsExpired', expired]]);
      await expect.poll(async () => (await trace(`${story.inference}:1`)).status).toBe(404);
    });
  });
});
