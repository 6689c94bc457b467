import { newId } from '@cairn/kernel';
import { waitUntil } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logistic, mixingOnnx } from '../support/onnx-model.js';
import { MODEL, startServing, type Serving } from '../support/serving.js';

let serving: Serving;
const OTHER = { weights: [-0.25, 0.5], bias: 1 };
const pathOf = (name: string) => `/serving/v1/deployments/${name}`;
const ask = (method: string, name: string, what: string, body?: object) => serving.fetchJson(method, `${pathOf(name)}${what}`, body);
const kill = (name: string, reason = 'it is wrong') => ask('POST', name, '/kill', { reason });
const restore = (name: string, reason = 'it was right') => ask('POST', name, '/restore', { reason });
const setFallback = (name: string, body: object) => ask('PUT', name, '/fallback', body);
const typesOf = async (name: string) => {
  const stream = `deployment-${(await ask('GET', name, '')).body.deployment_id}`;
  return (await serving.store.readStream(stream)).map(({ type }) => type.split('.').at(-1));
};

/** Deploys with version 1 live. */
async function deployLive(name: string, replicas = 1): Promise<string> {
  const versionId = await serving.version();
  await serving.deploy(name, replicas);
  await serving.complete(name, await serving.rollOut(name, versionId, { canary_weight: 0.5 }));
  return versionId;
}

beforeAll(async () => {
  serving = await startServing();
  await deployLive('delays', 2);
});

afterAll(() => serving.close());

describe('200', () => {
  it('stops the live version until it is restored, and says who did it, when and why', async () => {
    await deployLive('stopped');
    expect((await ask('GET', 'stopped', '')).body).toMatchObject({ kill_switch: { state: 'released' }, fallback: { kind: 'constant', value: 0.25 } });
    const killed = await kill('stopped');
    const engaged = { state: 'engaged', by: 'local', reason: 'it is wrong', since: expect.stringMatching(/^\d{4}-.*Z$/) };
    expect(killed).toMatchObject({ status: 200, body: { kill_switch: engaged, everywhere: true, live: { version: 1 } } });
    expect((await serving.infer('stopped', [[1, 2], [3, 4]], { id: 'mine' })).body).toEqual({
      model_name: 'stopped', id: 'mine',
      parameters: { inference_id: expect.any(String), arm: 'fallback', model_version: '', fallback: 'constant', kill_switch: true },
      outputs: [{ name: 'probability', datatype: 'FP32', shape: [2, 1], data: [0.25, 0.25] }],
    });
    expect(await restore('stopped')).toMatchObject({ status: 200, body: { kill_switch: { state: 'released', by: 'local', reason: 'it was right' } } });
    const { parameters } = (await serving.infer('stopped', [[1, 2]])).body;
    expect(parameters).toEqual({ inference_id: expect.any(String), arm: 'live', model_version: '1' });
  });

  it('stops a second time what is stopped without a word, and goes by the key of a request that is repeated', async () => {
    await deployLive('again');
    const first = await kill('again', 'first');
    expect((await kill('again', 'second')).body).toEqual(first.body);
    expect((await ask('GET', 'again', '')).body.kill_switch.reason).toBe('first');
    const headers = { 'idempotency-key': 'once' };
    const once = () => serving.fetchJson('POST', `${pathOf('again')}/restore`, { reason: 'fine' }, headers);
    expect([(await once()).status, (await once()).status, (await restore('again')).status]).toEqual([200, 200, 200]);
    expect((await typesOf('again')).filter((type) => type?.startsWith('KillSwitch'))).toEqual(['KillSwitchEngaged', 'KillSwitchReleased']);
  });

  it('has the version that stands by answer at once, since every replica has proved it before', async () => {
    await deployLive('standing', 2);
    const versionId = await serving.version({ version: 2, model: OTHER });
    const { status, body } = await setFallback('standing', { kind: 'version', version_id: versionId });
    expect({ status, body }).toMatchObject({ status: 200, body: { kind: 'version', value: 0.25, version_id: versionId, version: 2, ready_replicas: 2 } });
    expect(body.proofs).toMatchObject([{ proved: true, member: true }, { proved: true, member: true }]);
    expect((await ask('GET', 'standing', '/fallback')).body).toEqual(body);
    expect((await serving.infer('standing', [[1, 2]])).body.parameters).toMatchObject({ arm: 'live', model_version: '1' });
    await kill('standing');
    const answer = (await serving.infer('standing', [[1, 2]])).body;
    expect(answer).toMatchObject({ model_version: '2', parameters: { arm: 'fallback', model_version: '2', fallback: 'version', kill_switch: true } });
    expect(answer.outputs[0].data[0]).toBeCloseTo(logistic(OTHER, [1, 2]), 6);
  });

  it('changes the fallback while the switch is on', async () => {
    await deployLive('changing');
    await kill('changing');
    expect(await setFallback('changing', { kind: 'constant', value: 0.75 })).toMatchObject({ status: 200, body: { kind: 'constant', value: 0.75, proofs: [] } });
    expect((await serving.infer('changing', [[1, 2]])).body.outputs[0].data).toEqual([0.75]);
    await setFallback('changing', { kind: 'version', version_id: await serving.version({ version: 2, model: OTHER }) });
    expect((await serving.infer('changing', [[1, 2]])).body.parameters).toMatchObject({ arm: 'fallback', model_version: '2' });
    await setFallback('changing', { kind: 'constant', value: 0.5 });
    expect((await serving.infer('changing', [[1, 2]])).body).toMatchObject({ parameters: { fallback: 'constant' }, outputs: [{ data: [0.5] }] });
  });

  it('answers with the constant where the version that stands by is not ready, and says so', async () => {
    await deployLive('unready');
    const { body } = await setFallback('unready', { kind: 'version', version_id: await serving.version({ version: 2, model: OTHER, goldenModel: { ...OTHER, bias: 3 } }) });
    expect(body).toMatchObject({ kind: 'version', ready_replicas: 0, proofs: [{ proved: false, reason: expect.stringContaining('golden answer is off') }] });
    await kill('unready');
    const answer = (await serving.infer('unready', [[1, 2]])).body;
    expect(answer).toMatchObject({ parameters: { arm: 'fallback', fallback: 'constant', model_version: '' }, outputs: [{ data: [0.25] }] });
  });

  it('has the version that stands by answer where no version is live yet, and compares beside it', async () => {
    await serving.deploy('early', 1);
    await setFallback('early', { kind: 'version', version_id: await serving.version({ version: 2, model: OTHER }) });
    expect((await serving.fetchJson('GET', '/v2/models/early')).body.inputs).toMatchObject([{ name: 'features' }]);
    const rolloutId = await serving.rollOut('early', await serving.version());
    expect((await serving.infer('early', [[1, 2]])).body.parameters).toMatchObject({ arm: 'fallback', model_version: '2', fallback: 'version' });
    const mean = expect.closeTo(logistic(OTHER, [1, 2]), 5);
    expect(await serving.advance('early', rolloutId, 2)).toMatchObject({ status: 200, body: { judgements: [{ mean_prediction_incumbent: mean }] } });
  });

  it('tells clients of the protocol that the model is ready, and what its tensors are', async () => {
    await deployLive('shown');
    const before = (await serving.fetchJson('GET', '/v2/models/shown')).body;
    await kill('shown');
    expect((await serving.fetchJson('GET', '/v2/models/shown')).body).toEqual(before);
    expect((await serving.fetchJson('GET', '/v2/models/shown/ready')).status).toBe(200);
    expect((await serving.fetchJson('GET', '/v2/models/shown/versions/1/ready')).status).toBe(503);
    expect((await serving.fetchJson('GET', '/v2/health/ready')).status).toBe(200);
    const index = (await serving.fetchJson('POST', '/v2/repository/index')).body;
    expect(index).toContainEqual({ name: 'shown', version: '1', state: 'UNAVAILABLE', reason: 'the kill switch is on' });
  });

  it('compares nothing and judges nothing while the switch is on, and goes on from there', async () => {
    await deployLive('rolling');
    const rolloutId = await serving.rollOut('rolling', await serving.version({ version: 2, model: OTHER }));
    await serving.infer('rolling', [[1, 2]]);
    await kill('rolling');
    for (let sent = 0; sent < 3; sent += 1) await serving.infer('rolling', [[1, 2]]);
    await restore('rolling');
    await serving.infer('rolling', [[1, 2]]);
    const judged = { requests: 2, mean_prediction_incumbent: expect.closeTo(logistic(MODEL, [1, 2]), 5) };
    expect(await serving.advance('rolling', rolloutId, 0)).toMatchObject({ status: 200, body: { stage: 'canary', judgements: [judged] } });
  });

  it('needs no features for the constant, so that it answers when these can’t be looked up', async () => {
    await deployLive('filled');
    const { deployment_id: deploymentId } = (await ask('GET', 'filled', '')).body;
    // As if the feature store had been asked what is there: it is away now.
    const feature = { column: 'distance', entities: ['flight'] };
    const data = { deploymentId, featureServiceId: newId(), featureServiceName: 'flights', featureServiceVersion: 1, features: [feature, { ...feature, column: 'hour' }] };
    const meta = { source: '/serving', workspace: 'default', actor: { principal: 'local' }, correlationId: newId() };
    const event = { id: newId(), type: 'cairn.serving.v1.FeatureLookUpConfigured', data, meta };
    await serving.store.append([{ stream: `deployment-${deploymentId}`, expected: 'any', events: [event] }]);
    const named = () => serving.fetchJson('POST', '/v2/models/filled/infer', { inputs: [{ name: 'flight', shape: [2], datatype: 'BYTES', data: ['a', 'b'] }] });
    await waitUntil('features are looked up', async () => (await named()).status === 503);
    await kill('filled');
    expect(await named()).toMatchObject({ status: 200, body: { parameters: { arm: 'fallback', fallback: 'constant' }, outputs: [{ shape: [2, 1], data: [0.25, 0.25] }] } });
  });

  it('lets a rollout be aborted', async () => {
    await deployLive('aborted');
    const rolloutId = await serving.rollOut('aborted', await serving.version({ version: 2, model: OTHER }));
    await kill('aborted');
    expect(await ask('POST', 'aborted', `/rollouts/${rolloutId}/abort`, { reason: 'wrong' })).toMatchObject({ status: 200, body: { status: 'aborted' } });
    expect((await serving.infer('aborted', [[1, 2]])).body.parameters.arm).toBe('fallback');
  });
});

describe('400', () => {
  it.each([
    ['/kill', {}, '/reason'],
    ['/kill', { reason: '' }, '/reason'],
    ['/restore', { reason: 'x'.repeat(1_001) }, '/reason'],
    ['/restore', { reason: 'x', until: 'later' }, '/until'],
    ['/fallback', {}, '/kind'],
    ['/fallback', { kind: 'constant' }, '/value'],
    ['/fallback', { kind: 'constant', value: 'high' }, '/value'],
    ['/fallback', { kind: 'constant', value: 1, version_id: newId() }, '/version_id'],
    ['/fallback', { kind: 'version', version_id: 'one' }, '/version_id'],
    ['/fallback', { kind: 'version', version_id: newId(), value: 1 }, '/value'],
  ])('for %s with %j', async (what, body, pointer) => {
    const answer = await ask(what === '/fallback' ? 'PUT' : 'POST', 'delays', what, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  it('for a request that the live version would refuse too, although the constant answers', async () => {
    await deployLive('strict');
    await kill('strict');
    expect((await serving.infer('strict', [[1, 2, 3]])).status).toBe(400);
  });
});

describe('404', () => {
  it('for a deployment that is not there', async () => {
    const unknown = { status: 404, body: { code: 'DEPLOYMENT_NOT_FOUND' } };
    expect(await kill('unknown')).toMatchObject(unknown);
    expect(await restore('unknown')).toMatchObject(unknown);
    expect(await setFallback('unknown', { kind: 'constant', value: 1 })).toMatchObject(unknown);
    expect(await ask('GET', 'unknown', '/fallback')).toMatchObject(unknown);
  });
});

describe('409', () => {
  it('for a fallback that the switch would stop, and for a rollout of what stands by', async () => {
    const live = await deployLive('both');
    expect(await setFallback('both', { kind: 'version', version_id: live })).toMatchObject({ status: 409, body: { code: 'VERSION_IS_SERVED' } });
    const next = await serving.version({ version: 2, model: OTHER });
    await setFallback('both', { kind: 'version', version_id: next });
    expect(await ask('POST', 'both', '/rollouts', { version_id: next })).toMatchObject({ status: 409, body: { code: 'VERSION_IS_FALLBACK' } });
  });
});

describe('422', () => {
  it('for a rollout while the switch is on', async () => {
    await deployLive('held');
    const rolloutId = await serving.rollOut('held', await serving.version({ version: 2, model: OTHER }));
    await kill('held');
    const held = { status: 422, body: { code: 'KILL_SWITCH_ENGAGED', detail: expect.stringContaining('Restore the deployment') } };
    expect(await serving.advance('held', rolloutId, 2)).toMatchObject(held);
    await ask('POST', 'held', `/rollouts/${rolloutId}/abort`, { reason: 'wrong' });
    expect(await ask('POST', 'held', '/rollouts', { version_id: await serving.version() })).toMatchObject(held);
  });

  it('for a fallback that could not be rolled out', async () => {
    const codeOf = async (versionId: string) => {
      const { status, body } = await setFallback('delays', { kind: 'version', version_id: versionId });
      return [status, body.code];
    };
    expect(await codeOf(newId())).toEqual([422, 'VERSION_NOT_FOUND']);
    expect(await codeOf(await serving.version({ promoted: false }))).toEqual([422, 'VERSION_NOT_PROMOTED']);
    expect(await codeOf(await serving.version({ modelName: 'other' }))).toEqual([422, 'VERSION_OF_ANOTHER_MODEL']);
    expect(await codeOf(await serving.version({ golden: 'none' }))).toEqual([422, 'VERSION_NOT_SERVABLE']);
  });

  it('for a fallback that does not take the same requests, and for a rollout that it would not', async () => {
    const wide = { version: 3, columns: ['distance', 'hour', 'month'], model: { weights: [1, 1, 1], bias: 0 } };
    const total = { inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }], outputs: [{ name: 'total', datatype: 'FP32', shape: [-1, 2] }] };
    const differs = { status: 422, body: { code: 'FALLBACK_DIFFERS', detail: expect.stringContaining('A constant stands in for every version') } };
    expect(await setFallback('delays', { kind: 'version', version_id: await serving.version(wide) })).toMatchObject(differs);
    expect(await setFallback('delays', { kind: 'version', version_id: await serving.version({ version: 4, onnx: mixingOnnx(2), signature: total }) })).toMatchObject(differs);
    expect(await setFallback('delays', { kind: 'version', version_id: await serving.version({ columns: ['hour', 'distance'] }) })).toMatchObject(differs);
    await setFallback('delays', { kind: 'version', version_id: await serving.version({ version: 2, model: OTHER }) });
    expect(await ask('POST', 'delays', '/rollouts', { version_id: await serving.version(wide) })).toMatchObject(differs);
    await setFallback('delays', { kind: 'constant', value: 0 });
    expect((await ask('POST', 'delays', '/rollouts', { version_id: await serving.version(wide) })).status).toBe(201);
  });
});

describe('503', () => {
  it('for one version by its number while the switch is on, that of a rollout too', async () => {
    await deployLive('pinned');
    await serving.rollOut('pinned', await serving.version({ version: 2, model: OTHER }));
    await kill('pinned');
    const inputs = [{ name: 'features', shape: [1, 2], datatype: 'FP32', data: [1, 2] }];
    for (const version of ['1', '2', 'champion']) {
      const answer = await serving.fetchJson('POST', `/v2/models/pinned/versions/${version}/infer`, { inputs });
      expect(answer).toMatchObject({ status: 503, body: { error: expect.stringContaining("the deployment's kill switch is on. Ask without a version") } });
    }
    await restore('pinned');
    expect((await serving.fetchJson('POST', '/v2/models/pinned/versions/2/infer', { inputs })).status).toBe(200);
  });
});
