import { startTestService, type TestService } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';
import { append } from '../story.js';

const PATH = '/lineage/v1/read-model-digests';
const TABLES = ['graph_alias', 'graph_edge', 'graph_fact', 'graph_node', 'segment_index'];

let lineage: TestService;
beforeAll(async () => {
  lineage = await startTestService(service);
  await append(lineage, Array.from({ length: 3 }, (_, at) => ['cairn.catalog.v1.DatasetVersionQuarantined', { versionId: `version-${at}` }] as const));
  await lineage.running.parts.stateful!.runner.waitFor(2n);
});
afterAll(() => lineage.close());

const record = (body?: unknown, headers = {}) => lineage.fetchJson('POST', PATH, body, headers);
const list = (query: string) => lineage.fetchJson('GET', `${PATH}?${query}`);

describe(`POST ${PATH}`, () => {
  describe('200', () => {
    it('records every table of a service once, and says which services did not answer', async () => {
      const { status, body } = await record({});
      expect(status).toBe(200);
      expect(body.items).toEqual([expect.objectContaining({ service: 'lineage', position: '2', event_position: '3' })]);
      expect(body.items[0].tables.map(({ table }: { table: string }) => table)).toEqual(TABLES);
      expect(body.unreachable).toHaveLength(7);
      expect(body.unreachable).toContainEqual({ service: 'serving', detail: 'The service serving does not answer.' });
    });

    it('records nothing when the last event says the same, and answers a repeated request as the first time', async () => {
      const repeated = { 'idempotency-key': 'one' };
      const [first, again] = [await record({ services: ['lineage'] }, repeated), await record({ services: ['lineage'] }, repeated)];
      expect(again.body).toEqual(first.body);
    });
  });

  describe('400', () => {
    it.each([[{ services: [] }], [{ services: ['gateway'] }], [{ services: 'lineage' }], [{ service: 'lineage' }], [[]]])('takes no %j', async (body) => {
      expect(await record(body)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    });
  });

  describe('503', () => {
    it('says so when nobody answered', async () => {
      expect(await record({ services: ['serving'] })).toMatchObject({ status: 503, body: { code: 'SERVICES_UNREACHABLE' } });
    });
  });
});

describe(`GET ${PATH}`, () => {
  describe('200', () => {
    it('lists what was recorded of a service, the newest first', async () => {
      const { status, body } = await list('service=lineage');
      expect(status).toBe(200);
      expect(body.items.at(-1)).toMatchObject({ service: 'lineage', position: '2', event_position: '3' });
      expect((await list('service=lineage&limit=1')).body.items).toEqual([body.items[0]]);
      expect((await list('service=serving')).body).toEqual({ items: [] });
    });
  });

  describe('400', () => {
    it.each(['', 'service=gateway', 'service=lineage&limit=0', 'service=lineage&since=1'])('takes no "%s"', async (query) => {
      expect(await list(query)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    });
  });
});
