import { startTestService, type TestService } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';
import { tellStory, type Story } from '../story.js';

describe('GET /lineage/v1/nodes/{node_id}', () => {
  let lineage: TestService;
  let story: Story;
  beforeAll(async () => {
    lineage = await startTestService(service);
    story = await tellStory(lineage);
  });
  afterAll(() => lineage.close());

  const node = (id: string, query = '') => lineage.fetchJson('GET', `/lineage/v1/nodes/${encodeURIComponent(id)}?${query}`);

  describe('200', () => {
    it('tells what is known, and which event said it', async () => {
      const { body } = await node(`dataset-version:${story.raw}`);
      expect(body).toMatchObject({ kind: 'dataset-version', label: 'flights v1', attributes: { row_count: 100, status: 'quarantined', rows_violating: 10 } });
      expect(body.facts.items.map(({ event_type }: { event_type: string }) => event_type.split('.').at(-1))).toEqual([
        'DatasetVersionRegistered', 'ContractChecked', 'DatasetVersionQuarantined',
      ]);
      expect(body.facts.items[0]).toMatchObject({ actor: 'tester', attributes: { version: 1 } });
    });

    it('tells it as of an earlier position', async () => {
      const { body } = await node(`dataset-version:${story.raw}`, 'as_of_position=1');
      expect(body.as_of_position).toBe('1');
      expect(body.attributes).not.toHaveProperty('status');
      expect(body.facts.items).toHaveLength(1);
    });

    it('pages', async () => {
      const first = await node(`dataset-version:${story.raw}`, 'limit=2');
      const second = await node(`dataset-version:${story.raw}`, `limit=2&page_token=${first.body.facts.next_page_token}`);
      expect(first.body.facts.items).toHaveLength(2);
      expect(second.body.facts.items).toHaveLength(1);
      expect(second.body.facts).not.toHaveProperty('next_page_token');
    });

    it('finds versions of definitions', async () => {
      expect((await node(`feature-view:${story.view}@1`)).body).toMatchObject({ label: 'airport v1', attributes: { features: ['late_share'] } });
    });
  });

  describe('400', () => {
    it('refuses a token that no page gave out', async () => {
      expect((await node(`run:${story.run}`, `page_token=${Buffer.from('x').toString('base64url')}`)).status).toBe(400);
    });
  });

  describe('404', () => {
    it('does not know what never was', async () => {
      expect(await node('run:nobody')).toMatchObject({ status: 404, body: { code: 'NODE_NOT_FOUND' } });
      expect((await node('nonsense')).status).toBe(404);
    });
  });
});
