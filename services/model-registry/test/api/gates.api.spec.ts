import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOBODY, recordEvidence, startRegistry, type Principal, type RegistryClient } from '../support/registry-client.js';

const ALL = ['criteria-met', 'leakage-check-passed', 'data-certified', 'lineage-complete', 'signature-present', 'approved-by-another'];
interface Card {
  readonly version_id: string;
  readonly model_id: string;
  readonly run_id: string;
  readonly training_set_id: string;
}

describe('/registry/v1/versions/{id}/{evaluate,approve,promote}', () => {
  let registry: RegistryClient;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.close());

  const ask = (principal: Principal, what: string, { version_id }: Pick<Card, 'version_id'>, body: object = {}, headers = {}) =>
    registry.as(principal, 'POST', `/registry/v1/versions/${version_id}/${what}`, { alias: 'champion', ...body }, headers);
  const newVersion = async (gates: readonly string[] = ALL): Promise<Card> => (await registry.version(await registry.model(gates))).body;
  const eventsOf = async ({ version_id }: Card): Promise<string[]> =>
    (await registry.store.readStream(`model-version-${version_id}`)).map(({ type }) => type.replace('cairn.registry.v1.', ''));
  const verdicts = (body: { gates: { gate: string; verdict: string }[] }) => Object.fromEntries(body.gates.map(({ gate, verdict }) => [gate, verdict]));

  describe('200', () => {
    it('promotes a version whose gates all pass, and moves the alias in the same append', async () => {
      const version = await newVersion();
      await recordEvidence(registry, version);
      expect(await ask('bob', 'approve', version, { comment: 'looked at it' })).toMatchObject({
        status: 200, body: { approvals: [{ alias: 'champion', approver: 'bob', comment: 'looked at it' }] },
      });
      const { status, body } = await ask('ada', 'promote', version);
      expect({ status, body }).toMatchObject({ status: 200, body: { verdict: 'pass', outcome: 'promoted', alias: 'champion' } });
      expect(body.gates.map(({ evidence }: { evidence: string }) => evidence)).toEqual([
        `auc 0.706 is at least 0.68 (criteria version 1, run ${version.run_id} ended as FINISHED).`,
        'No feature of training set flights-q1 was known too late, over 100 rows.',
        'Version 2 of flights is certified golden under contract version 1.0.0.',
        expect.stringMatching(`Run ${version.run_id} of job [0-9a-f-]{36}, training set flights-q1 of 100 rows, version 2 of flights`),
        'The signature names 1 inputs and 1 outputs.',
        'Approved by bob; made by ada and carl.',
      ]);
      expect(await eventsOf(version)).toEqual(['ModelVersionCreated', 'VersionApproved', 'GatesEvaluated', 'VersionPromoted']);
      const moved = (await registry.store.readStream(`registered-model-${version.model_id}`)).at(-1);
      const promoted = (await registry.store.readStream(`model-version-${version.version_id}`)).at(-1);
      expect(moved).toMatchObject({ type: 'cairn.registry.v1.AliasMoved', data: { versionId: version.version_id }, correlationId: promoted?.correlationId });
      expect(moved?.position).toBe((promoted?.position ?? 0n) + 1n);
      expect((await registry.as('ada', 'GET', `/registry/v1/versions/${version.version_id}`)).body.aliases).toEqual(['champion']);
    });

    it('does nothing when the version carries the alias already, or the request comes again', async () => {
      const version = await newVersion(['signature-present']);
      const first = await ask('ada', 'promote', version, {}, { 'idempotency-key': 'p' });
      const before = await registry.store.size();
      expect(await ask('ada', 'promote', version, {}, { 'idempotency-key': 'p' })).toMatchObject({ status: 200, body: first.body });
      expect(await ask('ada', 'promote', version)).toMatchObject({ status: 200, body: first.body });
      expect(await registry.store.size()).toBe(before);
    });

    it('moves the alias on to a newer version', async () => {
      const name = await registry.model(['signature-present']);
      const [one, two]: Card[] = [(await registry.version(name)).body, (await registry.version(name)).body];
      for (const version of [one, two]) if (version !== undefined) await ask('ada', 'promote', version);
      const { body } = await registry.as('ada', 'GET', `/registry/v1/models/${encodeURIComponent(name)}`);
      expect(body.aliases).toEqual([expect.objectContaining({ alias: 'champion', version: 2, version_id: two?.version_id })]);
    });

    it('evaluates without consequence, and takes no missing fact for success', async () => {
      const version = await newVersion();
      const { status, body } = await ask('ada', 'evaluate', version);
      expect({ status, body }).toMatchObject({ status: 200, body: { verdict: 'inconclusive', outcome: '' } });
      expect(verdicts(body)).toEqual({ ...Object.fromEntries(ALL.map((gate) => [gate, 'inconclusive'])), 'signature-present': 'pass' });
      expect(await eventsOf(version)).toEqual(['ModelVersionCreated', 'GatesEvaluated']);
    });

    it('records one approval of a person, whoever asks again', async () => {
      const version = await newVersion();
      await ask('bob', 'approve', version);
      const before = await registry.store.size();
      expect((await ask('bob', 'approve', version)).status).toBe(200);
      expect(await registry.store.size()).toBe(before);
    });

    it('keeps a record that an alias without gates was moved without comparing anything', async () => {
      const version = await newVersion([]);
      expect(await ask('ada', 'promote', version)).toMatchObject({ status: 200, body: { verdict: 'pass', gates: [], outcome: 'promoted' } });
    });
  });

  describe('400', () => {
    it.each(['evaluate', 'approve', 'promote'])('%s refuses a body that does not fit', async (what) => {
      const version = await newVersion();
      for (const body of [{ alias: undefined }, { alias: '' }, { alias: 'a b' }, { alias: 'x', force: true }]) {
        expect(await ask('bob', what, version, body)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
      }
      expect((await ask('bob', what, { version_id: 'abc' })).status).toBe(400);
    });

    it('refuses an alias that MLflow reads as something else', async () => {
      expect(await ask('ada', 'promote', await newVersion(), { alias: 'latest' })).toMatchObject({ status: 400, body: { code: 'INVALID_ALIAS' } });
    });
  });

  describe('403', () => {
    it('lets nobody approve what they made', async () => {
      const version = await newVersion();
      expect(await ask('ada', 'approve', version)).toMatchObject({ status: 403, body: { code: 'APPROVER_IS_AUTHOR' } });
      expect(await eventsOf(version)).toEqual(['ModelVersionCreated']);
    });

    it('takes no approval from a service, whoever it acts for', async () => {
      const version = await newVersion();
      expect(await ask('training-scheduler', 'approve', version, {}, { 'x-cairn-on-behalf-of': 'bob' })).toMatchObject({
        status: 403, body: { code: 'APPROVAL_NOT_PERSONAL' },
      });
    });

    it('lets nobody approve what a job of theirs made under another name', async () => {
      const version = await newVersion();
      await recordEvidence(registry, version);
      expect(await ask('carl', 'approve', version)).toMatchObject({ status: 403, body: { code: 'APPROVER_IS_AUTHOR' } });
      expect((await ask('bob', 'approve', version)).status).toBe(200);
    });
  });

  describe('404', () => {
    it.each(['evaluate', 'approve', 'promote'])('%s knows no such version', async (what) => {
      expect(await ask('bob', what, { version_id: NOBODY })).toMatchObject({ status: 404, body: { code: 'VERSION_NOT_FOUND' } });
    });
  });

  describe('422', () => {
    it('blocks with every gate’s verdict and evidence, and records what was compared', async () => {
      const version = await newVersion();
      await recordEvidence(registry, version, 'fail', 0.661);
      const { status, headers, body } = await ask('ada', 'promote', version);
      expect(status).toBe(422);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(body).toMatchObject({ code: 'GATES_NOT_PASSED', alias: 'champion', detail: expect.stringContaining('auc 0.661 is below 0.68') });
      expect(verdicts(body)).toEqual({ ...Object.fromEntries(ALL.map((gate) => [gate, 'pass'])), 'criteria-met': 'fail', 'approved-by-another': 'inconclusive' });
      expect(await eventsOf(version)).toEqual(['ModelVersionCreated', 'GatesEvaluated', 'PromotionBlocked']);
      const { body: card } = await registry.as('ada', 'GET', `/registry/v1/versions/${version.version_id}`);
      expect(card).toMatchObject({ aliases: [], evaluations: [{ verdict: 'fail', outcome: 'blocked' }] });
    });

    it('blocks again when the same request comes again, and is open once the facts are there', async () => {
      const version = await newVersion(['criteria-met']);
      const first = await ask('ada', 'promote', version, {}, { 'idempotency-key': 'b' });
      await recordEvidence(registry, version);
      expect(await ask('ada', 'promote', version, {}, { 'idempotency-key': 'b' })).toMatchObject({ status: 422, body: { gates: first.body.gates } });
      expect((await ask('ada', 'promote', version)).status).toBe(200);
    });

    it('sees what another service recorded a moment before', async () => {
      for (let round = 0; round < 5; round += 1) {
        const version = await newVersion(['criteria-met']);
        await recordEvidence(registry, version);
        expect((await ask('ada', 'promote', version)).status).toBe(200);
      }
    });
  });
});
