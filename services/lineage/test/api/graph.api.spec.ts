import { startTestService, type TestService } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';
import { append, tellStory, type Story } from '../story.js';

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly relation: string;
}

describe('GET /lineage/v1/graph', () => {
  let lineage: TestService;
  let story: Story;
  beforeAll(async () => {
    lineage = await startTestService(service);
    story = await tellStory(lineage);
  });
  afterAll(() => lineage.close());

  const graph = (query: string) => lineage.fetchJson('GET', `/lineage/v1/graph?${query}`);
  const idsOf = (body: { nodes: { id: string }[] }): string[] => body.nodes.map(({ id }) => id);

  describe('200', () => {
    it('leads upstream from a model version to everything it was made of', async () => {
      const { status, body } = await graph(`node=model-version:${story.version}&direction=up&depth=20`);
      expect(status).toBe(200);
      expect(body.truncated).toBe(false);
      expect(idsOf(body)).toEqual(
        expect.arrayContaining([
          `run:${story.run}`,
          `job:${story.job}`,
          `training-set:${story.trainingSet}`,
          `feature-service:${story.featureService}@1`,
          `feature-view:${story.view}@1`,
          `dataset-version:${story.clean}`,
          `dataset-version:${story.raw}`,
          `contract:${story.contract}`,
          expect.stringMatching(/^origin:/),
        ]),
      );
      expect(idsOf(body)).not.toContain(`segment:${story.segment}`);
      const edges: string[] = body.edges.map(({ from, relation, to }: Edge) => `${from} ${relation} ${to}`);
      expect(edges).toContain(`training-set:${story.trainingSet} trained run:${story.run}`);
      expect(edges).toContain(`feature-view:${story.view}@1 selected-by feature-service:${story.featureService}@1`);
    });

    it('leads downstream from the first file to the predictions', async () => {
      const { body } = await graph(`node=dataset-version:${story.raw}&direction=down&depth=20`);
      expect(idsOf(body)).toEqual(expect.arrayContaining([`deployment:${story.deployment}`, `segment:${story.segment}`]));
    });

    it('names nodes by their name too', async () => {
      const { body } = await graph('node=deployment:delays&depth=1');
      expect(idsOf(body)).toContain(`deployment:${story.deployment}`);
    });

    it('shows the graph as it was at an earlier position and time, attributes included', async () => {
      const { position, time } = story.beforeRollout;
      for (const asOf of [`as_of_position=${position}`, `as_of_time=${time}`]) {
        const { body } = await graph(`node=deployment:${story.deployment}&direction=both&depth=20&${asOf}`);
        expect(body.as_of_position).toBe(String(position));
        expect(idsOf(body)).not.toContain(`rollout:${story.rollout}`);
        expect(body.nodes.find(({ id }: { id: string }) => id === `deployment:${story.deployment}`).attributes).not.toHaveProperty('live_version');
      }
      const { body: now } = await graph(`node=deployment:${story.deployment}`);
      expect(now.nodes.find(({ id }: { id: string }) => id === `deployment:${story.deployment}`).attributes).toMatchObject({ live_version: 1, name: 'delays' });
    });

    it('says that it was cut, by depth or by number of nodes', async () => {
      const shallow = await graph(`node=segment:${story.segment}&direction=up&depth=1`);
      expect(shallow.body).toMatchObject({ truncated: true });
      expect(idsOf(shallow.body)).not.toContain(`run:${story.run}`);
      const small = await graph(`node=segment:${story.segment}&direction=up&depth=20&limit=3`);
      expect(small.body.truncated).toBe(true);
      expect(small.body.nodes).toHaveLength(3);
    });

    it('shows everything without a node, and nothing before the first event', async () => {
      const { body } = await graph('');
      expect(body.truncated).toBe(false);
      expect(idsOf(body)).toEqual(expect.arrayContaining([`dataset:${story.dataset}`, `segment:${story.segment}`]));
      expect((await graph('as_of_time=2001-01-01T00:00:00Z')).body).toEqual({ as_of_position: null, nodes: [], edges: [], truncated: false });
      expect((await graph('limit=2')).body).toMatchObject({ truncated: true });
    });

    it('keeps workspaces apart', async () => {
      const { body } = await lineage.fetchJson('GET', '/lineage/v1/graph', undefined, { 'x-cairn-workspace': 'another' });
      expect(body.nodes).toEqual([]);
    });

    it('shows what was appended a moment before', async () => {
      for (let round = 0; round < 20; round += 1) {
        const modelId = `00000000-0000-4000-8000-0000000000${String(round).padStart(2, '0')}`;
        await append(lineage, [['cairn.registry.v1.RegisteredModelCreated', { modelId, name: `model ${round}` }]]);
        expect((await graph(`node=model:${modelId}`)).status).toBe(200);
      }
    });

    it('is the same when rebuilt from the log', async () => {
      const { body } = await lineage.fetchJson('POST', '/lineage/v1/admin/rebuild', {});
      expect(body).toMatchObject({ identical: true });
    });
  });

  describe('400', () => {
    it.each([
      'direction=sideways',
      'depth=0',
      'limit=100000',
      'as_of_position=-1',
      'as_of_position=x',
      'as_of_time=yesterday',
      'as_of_time=2026-01-01T00:00:00Z&as_of_position=1',
      'node=nonsense',
      'unknown=1',
    ])('refuses %s', async (query) => {
      expect((await graph(query)).status).toBe(400);
    });
  });

  describe('404', () => {
    it('does not know a node that never was, or was not yet', async () => {
      expect(await graph('node=run:00000000-0000-4000-8000-000000000000')).toMatchObject({ status: 404, body: { code: 'NODE_NOT_FOUND' } });
      expect((await graph(`node=rollout:${story.rollout}&as_of_position=${story.beforeRollout.position}`)).status).toBe(404);
    });
  });
});
