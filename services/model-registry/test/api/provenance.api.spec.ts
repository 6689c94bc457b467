import { createPublicKey, generateKeyPairSync, hash, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, streamName } from '@cairn/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMIT, DATA_DIGEST, LOCK_DIGEST, recordJobSuccess, recordOrigin, SET_DIGEST } from '../support/origin-facts.js';
import { NOBODY, startRegistry, type RegistryClient } from '../support/registry-client.js';

interface Envelope {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** As whoever has only the envelope and a public key would check it: the statement, or undefined. */
function opened({ payloadType, payload, signatures }: Envelope, pem: string) {
  const body = Buffer.from(payload, 'base64');
  const covered = Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${body.length} `), body]);
  const key = createPublicKey(pem);
  const keyid = hash('sha256', key.export({ format: 'der', type: 'spki' }));
  const isSigned = signatures.some((one) => one.keyid === keyid && verify(null, covered, key, Buffer.from(one.sig, 'base64')));
  return isSigned ? JSON.parse(body.toString('utf8')) : undefined;
}

const hexOf = (digest: string) => digest.slice('sha256:'.length);
const runStream = (runId: string) => streamName('run', runId.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'));

describe('/registry/v1/models/{model}/versions/{version}/provenance', () => {
  let registry: RegistryClient;
  let pem: string;
  beforeAll(async () => {
    registry = await startRegistry();
    pem = (await registry.as('ada', 'GET', '/registry/v1/provenance/keys')).body.items[0].public_key_pem;
  });
  afterAll(() => registry.close());

  const get = (model: string, number: number | string, rest = '') =>
    registry.as('ada', 'GET', `/registry/v1/models/${encodeURIComponent(model)}/versions/${number}/provenance${rest}`);
  const renew = (model: string, number: number) => registry.as('bob', 'POST', `/registry/v1/models/${encodeURIComponent(model)}/versions/${number}/provenance`);

  describe('200', () => {
    it('says where a version came from, signed so that anybody can check it with the public key alone', async () => {
      const origin = await recordOrigin(registry);
      await recordJobSuccess(registry, origin);
      const name = await registry.model();
      const { body: version } = await registry.version(name, { run_id: origin.runId, training_set_id: origin.trainingSetId, source: `runs:/${origin.runId}/model` });
      const { status, body } = await get(name, 1);
      expect(status).toBe(200);
      expect(body).toMatchObject({ payloadType: 'application/vnd.in-toto+json' });
      expect(opened({ ...body, payload: Buffer.from('{}').toString('base64') }, pem)).toBeUndefined();
      const statement = opened(body, pem);
      expect(statement).toMatchObject({
        _type: 'https://in-toto.io/Statement/v1', predicateType: 'https://slsa.dev/provenance/v1',
        subject: [{ name: `${name}/1`, digest: { sha256: hexOf(version.digest) } }, { name: 'requirements.txt', digest: { sha256: hexOf(LOCK_DIGEST) } }],
      });
      const { buildDefinition, runDetails, cairn_missing: missing } = statement.predicate;
      expect(buildDefinition).toMatchObject({
        buildType: 'cairn:build-type/training-run/v1',
        externalParameters: { model: name, version: 1, parameters: { depth: '4' }, training: { name: 'flights-q1', feature_service: 'delay/3', label: 'late' } },
        internalParameters: { defaults: { gamma: { value: '0.1', library: 'scikit-learn', library_version: '1.7.0' } }, program: 'flight-delay' },
      });
      expect(buildDefinition.resolvedDependencies).toEqual(expect.arrayContaining([
        { name: 'code', uri: `git+https://example.org/delays.git@${COMMIT}`, digest: { gitCommit: COMMIT } },
        expect.objectContaining({ uri: `cairn:training-set/${origin.trainingSetId}`, digest: { sha256: hexOf(SET_DIGEST) } }),
        expect.objectContaining({ name: 'dataset flights/2', digest: { sha256: hexOf(DATA_DIGEST) }, annotations: { certified: 'golden', contract_version: '1.0.0' } }),
        expect.objectContaining({ name: 'requirements.txt', digest: { sha256: hexOf(LOCK_DIGEST) } }),
      ]));
      expect(runDetails).toMatchObject({
        builder: { id: 'cairn:builder/training-scheduler' },
        metadata: { invocationId: `cairn:job/${origin.jobId}`, startedOn: expect.stringContaining('T'), finishedOn: '2001-04-01T01:00:00.000Z' },
        byproducts: [{ name: 'metrics', annotations: { auc: 0.7, loss: 'NaN' } }, { name: 'criteria', annotations: { verdict: 'pass' } }, { annotations: { result: 'passed' } }],
      });
      expect(missing).toEqual([]);
      expect(JSON.stringify(statement)).not.toContain('secret');
    });

    it('takes the environment from the tag that experiment-tracking reads too', async () => {
      const [runId, digest] = [newId().replaceAll('-', ''), 'a'.repeat(64)];
      const tags = [{ key: 'cairn.environment.digest', value: `sha256:${digest}` }];
      await registry.record(runStream(runId), { type: 'cairn.tracking.v1.RunStarted', data: { runId, experimentId: '1', name: 'bare', tags } });
      const name = await registry.model();
      await registry.version(name, { run_id: runId });
      const { buildDefinition, cairn_missing: missing } = opened((await get(name, 1)).body, pem).predicate;
      expect(buildDefinition.resolvedDependencies).toContainEqual({ name: 'environment', uri: `cairn:object/sha256:${digest}`, digest: { sha256: digest } });
      expect(missing.filter((sentence: string) => sentence.includes('environment'))).toEqual([]);
    });

    it('is signed once, however many ask at once, and by name or id of the model', async () => {
      const name = await registry.model();
      const { body: version } = await registry.version(name);
      const answers = await Promise.all(Array.from({ length: 5 }, () => get(name, 1)));
      expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
      expect((await get(version.model_id, 1)).body).toEqual(answers[0]?.body);
      const { body } = await get(name, 1, '/statements');
      expect(body.items).toMatchObject([{ statement: 1, missing: [expect.stringContaining('holds no run'), expect.stringContaining('holds no training set')] }]);
      const events = await registry.store.readStream(`provenance-${version.version_id}`);
      expect(events.map(({ type, data }) => [type, data['number'], data['payloadDigest']])).toEqual([
        ['cairn.registry.v1.ProvenanceSigned', 1, `sha256:${hash('sha256', Buffer.from(answers[0]?.body.payload, 'base64'))}`],
      ]);
    });

    it('keeps what was signed when facts come later, and signs them under the next number when it is asked to', async () => {
      const origin = await recordOrigin(registry);
      const name = await registry.model();
      await registry.version(name, { run_id: origin.runId, training_set_id: origin.trainingSetId });
      const { body: first } = await get(name, 1);
      const { runDetails, cairn_missing: missing } = opened(first, pem).predicate;
      expect(runDetails).toMatchObject({ builder: { id: 'cairn:builder/unobserved-client' }, metadata: { invocationId: `cairn:run/${origin.runId}` } });
      expect(missing).toEqual([expect.stringContaining('No job of the scheduler has reported the run')]);
      expect(await renew(name, 1)).toMatchObject({ status: 200, body: { statement: 1 } });
      await recordJobSuccess(registry, origin);
      expect((await get(name, 1)).body).toEqual(first);
      expect(await renew(name, 1)).toMatchObject({ status: 200, body: { statement: 2, missing: [] } });
      const { body: second } = await get(name, 1);
      expect(opened(second, pem).predicate.runDetails.builder.id).toBe('cairn:builder/training-scheduler');
      expect((await get(name, 1, '?statement=1')).body).toEqual(first);
      expect((await get(name, 1, '/statements')).body.items.map(({ statement }: { statement: number }) => statement)).toEqual([2, 1]);
    });

    it('says nothing about a run of another workspace, though a version names it', async () => {
      const origin = await recordOrigin(registry);
      const elsewhere = { 'x-cairn-workspace': 'theirs' };
      await registry.as('ada', 'POST', '/registry/v1/models', { name: 'theirs' }, elsewhere);
      const { digest } = (await registry.version(await registry.model())).body;
      const body = { run_id: origin.runId, source: `runs:/${origin.runId}/model`, digest, size_bytes: 7 };
      expect((await registry.as('ada', 'POST', '/registry/v1/models/theirs/versions', body, elsewhere)).status).toBe(201);
      const { body: envelope } = await registry.as('ada', 'GET', '/registry/v1/models/theirs/versions/1/provenance', undefined, elsewhere);
      const statement = opened(envelope, pem);
      expect(statement.subject).toHaveLength(1);
      expect(statement.predicate.cairn_missing[0]).toBe(`The log holds no run ${origin.runId} in this workspace.`);
    });

    it('reads both ends of a very long run, and says what lies between', async () => {
      const origin = await recordOrigin(registry);
      const stream = runStream(origin.runId);
      const points = (value: number) => ({ runId: origin.runId, keys: Array(500).fill('noise'), values: Array(500).fill(value), steps: Array(500).fill(BigInt(value)) });
      const logged = (count: number, value: number) =>
        Array.from({ length: count }, () => ({ type: 'cairn.tracking.v1.MetricsLogged', data: { ...points(value), timestampsMs: Array(500).fill(1n) } }));
      for (let value = 1; value <= 8; value += 1) await registry.record(stream, ...logged(50, value));
      const name = await registry.model();
      await registry.version(name, { run_id: origin.runId });
      const { predicate } = opened((await get(name, 1)).body, pem);
      expect(predicate.cairn_missing).toContainEqual(expect.stringMatching(/; \d+ in their middle were not read/));
      expect(predicate.buildDefinition.externalParameters.parameters).toEqual({ depth: '4' });
      expect(predicate.runDetails.byproducts[0].annotations).toMatchObject({ auc: 0.7, noise: 8 });
    });

    it('goes on serving the keys that signed before', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'cairn-provenance-api-'));
      const keyFile = join(folder, 'key.pem');
      const [old, next] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
      const publicPem = old.publicKey.export({ format: 'pem', type: 'spki' }).toString();
      writeFileSync(keyFile, `${next.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()}${publicPem}`, { mode: 0o600 });
      const rotated = await startRegistry({ settings: { CAIRN_PROVENANCE_KEY_FILE: keyFile } });
      const { body } = await rotated.as('ada', 'GET', '/registry/v1/provenance/keys');
      expect(body.items).toMatchObject([{ signs: true, algorithm: 'ed25519' }, { signs: false, public_key_pem: publicPem }]);
      await rotated.close();
      rmSync(folder, { recursive: true });
    });
  });

  describe('400', () => {
    it.each(['0', 'latest', '-1', '1.5', '99999999999'])('refuses the version %s', async (number) => {
      expect(await get(await registry.model(), number)).toMatchObject({ status: 400, body: { code: 'INVALID_VERSION' } });
    });

    it('refuses a statement that is no number', async () => {
      expect((await get(await registry.model(), 1, '?statement=first')).status).toBe(400);
    });
  });

  describe('404', () => {
    it('knows neither model, version nor statement', async () => {
      const name = await registry.model();
      expect(await get('nobody', 1)).toMatchObject({ status: 404, body: { code: 'MODEL_NOT_FOUND' } });
      expect(await get(NOBODY, 1)).toMatchObject({ status: 404, body: { code: 'MODEL_NOT_FOUND' } });
      expect(await get(name, 1)).toMatchObject({ status: 404, body: { code: 'VERSION_NOT_FOUND' } });
      await registry.version(name);
      expect(await get(name, 1, '?statement=7')).toMatchObject({ status: 404, body: { code: 'STATEMENT_NOT_FOUND' } });
    });
  });

  describe('422', () => {
    it('attests nothing of bytes that nobody knows', async () => {
      const name = await registry.model();
      const before = { name, source: 's3://bucket/model' };
      expect((await registry.as('ada', 'POST', '/api/2.0/mlflow/model-versions/create', before)).status).toBe(200);
      const { status, body } = await get(name, 1);
      expect({ status, body }).toMatchObject({ status: 422, body: { code: 'NOTHING_TO_ATTEST', detail: expect.stringContaining('No digest of the version’s content is known') } });
      expect((await renew(name, 1)).status).toBe(422);
    });
  });
});
