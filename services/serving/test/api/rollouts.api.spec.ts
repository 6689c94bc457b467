import { newId } from '@cairn/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODEL, startServing, type Serving } from '../support/serving.js';

let serving: Serving;
const pathOf = (name: string) => `/serving/v1/deployments/${name}/rollouts`;
const start = (name: string, body: object) => serving.fetchJson('POST', pathOf(name), body);

beforeAll(async () => {
  serving = await startServing();
});

afterAll(() => serving.close());

describe('201', () => {
  it('starts in shadow, with what the replicas have proved', async () => {
    await serving.deploy('started');
    const versionId = await serving.version();
    const { status, body } = await start('started', { version_id: versionId });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      version_id: versionId, version: 1, status: 'running', stage: 'shadow', weight: 0, canary_weight: 0.1, minimum_requests: 100, golden_tolerance: 1e-5,
      started_by: 'local', judgements: [], statistics: { requests: 0, errors: 0 },
    });
    expect(body.proofs.map(({ proved, digest }: { proved: boolean; digest: string }) => [proved, digest])).toEqual([[true, body.digest], [true, body.digest]]);
    expect((await serving.fetchJson('GET', pathOf('started'))).body.items).toMatchObject([{ rollout_id: body.rollout_id }]);
  });

  it('starts even when the replicas fail their proof, and says why', async () => {
    await serving.deploy('unproved');
    const versionId = await serving.version({ goldenModel: { ...MODEL, bias: 2 } });
    const { body } = await start('unproved', { version_id: versionId });
    expect(body.proofs).toMatchObject([{ proved: false, reason: expect.stringContaining('the golden answer is off by') }, { proved: false }]);
  });
});

describe('200', () => {
  it('advances a stage that has passed', async () => {
    await serving.deploy('passed');
    const rolloutId = await serving.rollOut('passed', await serving.version());
    expect(await serving.advance('passed', rolloutId, 2)).toMatchObject({ status: 200, body: { stage: 'canary', judgements: [{ verdict: 'pass' }] } });
  });

  it('answers every request while one version takes over from another', async () => {
    await serving.deploy('changing');
    const modelId = newId();
    await serving.complete('changing', await serving.rollOut('changing', await serving.version({ modelId }), { canary_weight: 0.5 }));
    const statuses: number[] = [];
    const versions = new Set<string>();
    let isOver = false;
    const callers = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        const { status, body } = await serving.infer('changing', [[1, 2]]);
        statuses.push(status);
        versions.add(body.model_version);
      }
    });
    for (const version of [2, 3]) {
      const next = await serving.version({ modelId, version, model: { ...MODEL, bias: version } });
      await serving.complete('changing', await serving.rollOut('changing', next, { canary_weight: 0.5 }));
    }
    isOver = true;
    await Promise.all(callers);
    expect([new Set(statuses), [...versions].sort()]).toEqual([new Set([200]), ['1', '2', '3']]);
  });

  it('aborts once', async () => {
    await serving.deploy('aborted');
    const rolloutId = await serving.rollOut('aborted', await serving.version());
    const abort = () => serving.fetchJson('POST', `${pathOf('aborted')}/${rolloutId}/abort`, { reason: 'slow' });
    expect(await abort()).toMatchObject({ status: 200, body: { status: 'aborted', reason: 'slow' } });
    expect(await abort()).toMatchObject({ status: 409, body: { code: 'ROLLOUT_NOT_RUNNING' } });
  });

  it('answers a repeated advance as it did the first time', async () => {
    await serving.deploy('repeated');
    const rolloutId = await serving.rollOut('repeated', await serving.version());
    for (let sent = 0; sent < 2; sent += 1) await serving.infer('repeated', [[1, 2]]);
    const advance = () => serving.fetchJson('POST', `${pathOf('repeated')}/${rolloutId}/advance`, undefined, { 'idempotency-key': 'a' });
    expect(await advance()).toMatchObject({ status: 200, body: { stage: 'canary' } });
    expect(await advance()).toMatchObject({ status: 200, body: { stage: 'canary' } });
  });
});

describe('400', () => {
  it.each([
    [{}, '/version_id'],
    [{ version_id: 'one' }, '/version_id'],
    [{ version_id: newId(), canary_weight: 1 }, '/canary_weight'],
    [{ version_id: newId(), minimum_requests: 0 }, '/minimum_requests'],
    [{ version_id: newId(), golden_tolerance: -1 }, '/golden_tolerance'],
  ])('for %j', async (body, pointer) => {
    const answer = await start('started', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  it('for an abort without a reason, and for what is no id', async () => {
    expect(await serving.fetchJson('POST', `${pathOf('started')}/${newId()}/abort`, {})).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    expect((await serving.fetchJson('GET', `${pathOf('started')}/one`)).status).toBe(400);
  });
});

describe('404', () => {
  it('for a deployment or a rollout that is not there', async () => {
    expect(await start('unknown', { version_id: newId() })).toMatchObject({ status: 404, body: { code: 'DEPLOYMENT_NOT_FOUND' } });
    expect(await serving.fetchJson('GET', `${pathOf('started')}/${newId()}`)).toMatchObject({ status: 404, body: { code: 'ROLLOUT_NOT_FOUND' } });
    expect(await serving.fetchJson('POST', `${pathOf('started')}/${newId()}/advance`)).toMatchObject({ status: 404, body: { code: 'ROLLOUT_NOT_FOUND' } });
  });
});

describe('409', () => {
  it('while another rollout is in progress', async () => {
    await serving.deploy('busy', 1);
    await serving.rollOut('busy', await serving.version());
    expect(await start('busy', { version_id: await serving.version() })).toMatchObject({ status: 409, body: { code: 'ROLLOUT_IN_PROGRESS' } });
  });

  it('for the version that is live', async () => {
    await serving.deploy('live', 1);
    const versionId = await serving.version();
    const rolloutId = await serving.rollOut('live', versionId, { canary_weight: 0.5 });
    await serving.complete('live', rolloutId);
    expect(await start('live', { version_id: versionId })).toMatchObject({ status: 409, body: { code: 'VERSION_ALREADY_LIVE' } });
    expect(await serving.advance('live', rolloutId, 0)).toMatchObject({ status: 409, body: { code: 'ROLLOUT_NOT_RUNNING' } });
  });
});

describe('422', () => {
  beforeAll(() => serving.deploy('strict'));

  it('for a version that no gate let through', async () => {
    expect(await start('strict', { version_id: await serving.version({ promoted: false }) })).toMatchObject({ status: 422, body: { code: 'VERSION_NOT_PROMOTED' } });
  });

  it('for a version that lost its alias', async () => {
    const versionId = await serving.version();
    await serving.removeAlias(versionId);
    expect(await start('strict', { version_id: versionId })).toMatchObject({ status: 422, body: { code: 'VERSION_NOT_PROMOTED' } });
  });

  it('for a version that the registry does not know, or of another model', async () => {
    expect(await start('strict', { version_id: newId() })).toMatchObject({ status: 422, body: { code: 'VERSION_NOT_FOUND' } });
    expect(await start('strict', { version_id: await serving.version({ modelName: 'other' }) })).toMatchObject({ status: 422, body: { code: 'VERSION_OF_ANOTHER_MODEL' } });
  });

  it('for a version that the registry has deleted, by itself or with its model, until it is restored; under the name that its model has today', async () => {
    const modelId = newId();
    const versionId = await serving.version({ modelId, modelName: 'before', promoted: false });
    const codeAfter = async (...event: [] | [Parameters<Serving['registered']>[1]]) => {
      for (const one of event) await serving.registered(modelId, one);
      return (await start('strict', { version_id: versionId })).body.code;
    };
    const one = { modelId, versionId, version: 1 };
    expect(await codeAfter()).toBe('VERSION_OF_ANOTHER_MODEL');
    expect(await codeAfter({ type: 'cairn.registry.v1.ModelRenamed', data: { modelId, name: 'flight-delay', previousName: 'before', policies: [] } })).toBe('VERSION_NOT_PROMOTED');
    expect(await codeAfter({ type: 'cairn.registry.v1.ModelVersionDeleted', data: one })).toBe('VERSION_NOT_FOUND');
    expect(await codeAfter({ type: 'cairn.registry.v1.ModelDeleted', data: { modelId, name: 'flight-delay', aliases: [], policies: [] } })).toBe('VERSION_NOT_FOUND');
    expect(await codeAfter({ type: 'cairn.registry.v1.ModelRestored', data: { modelId, name: 'flight-delay' } })).toBe('VERSION_NOT_FOUND');
    expect(await codeAfter({ type: 'cairn.registry.v1.ModelVersionRestored', data: one })).toBe('VERSION_NOT_PROMOTED');
  });

  it('for a version that no replica could prove or serve', async () => {
    const unservable = async (options: Parameters<Serving['version']>[0]) => (await start('strict', { version_id: await serving.version(options) })).body;
    expect(await unservable({ golden: 'none' })).toMatchObject({ code: 'VERSION_NOT_SERVABLE', detail: expect.stringContaining('no golden answer') });
    expect(await unservable({ golden: Buffer.from('{}') })).toMatchObject({ code: 'VERSION_NOT_SERVABLE', detail: expect.stringContaining('needs inputs') });
    expect(await unservable({ columns: ['prediction', 'b'] })).toMatchObject({ code: 'VERSION_NOT_SERVABLE', detail: expect.stringContaining('column prediction of its own') });
  });

  it('for a stage that has not seen enough, and records that', async () => {
    await serving.deploy('impatient', 1);
    const rolloutId = await serving.rollOut('impatient', await serving.version());
    expect(await serving.advance('impatient', rolloutId, 1)).toMatchObject({
      status: 422, body: { code: 'STAGE_NOT_PASSED', detail: expect.stringContaining('inconclusive: 1 of at least 2 requests') },
    });
    expect((await serving.fetchJson('GET', `${pathOf('impatient')}/${rolloutId}`)).body).toMatchObject({ stage: 'shadow', judgements: [{ verdict: 'inconclusive', requests: 1 }] });
  });

  it('for a stage with an output that is not finite', async () => {
    await serving.deploy('infinite', 1);
    const rolloutId = await serving.rollOut('infinite', await serving.version({ model: { weights: [1e38, -1], bias: 0 }, goldenModel: { weights: [1e38, 0], bias: 0 } }));
    for (let sent = 0; sent < 2; sent += 1) {
      const binary = Buffer.from(new Float32Array([Number.NaN, 1]).buffer);
      const head = Buffer.from(JSON.stringify({ inputs: [{ name: 'features', shape: [1, 2], datatype: 'FP32', parameters: { binary_data_size: 8 } }] }));
      const response = await fetch(`${serving.url}/v2/models/infinite/infer`, {
        method: 'POST', headers: { 'inference-header-content-length': String(head.length) }, body: Buffer.concat([head, binary]),
      });
      expect(response.status).toBe(200);
    }
    expect(await serving.advance('infinite', rolloutId, 0)).toMatchObject({ status: 422, body: { code: 'STAGE_NOT_PASSED', detail: expect.stringContaining('judged fail') } });
  });

  it('for a replica that has not proved the version', async () => {
    await serving.deploy('unfit');
    const rolloutId = await serving.rollOut('unfit', await serving.version({ model: { weights: [0.125, 1], bias: 0 } }));
    await serving.damageModel(rolloutId);
    await serving.killReplica('unfit');
    expect(await serving.advance('unfit', rolloutId, 2)).toMatchObject({
      status: 422, body: { code: 'REPLICAS_NOT_PROVED', detail: expect.stringContaining('1 of 2 replicas') },
    });
  });
});
