import { newId, streamName } from '@cairn/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordJobSuccess, recordOrigin } from '../support/origin-facts.js';
import { NOBODY, startRegistry, type RegistryClient } from '../support/registry-client.js';

const delay = (name: string) => ({ inputs: [{ name, datatype: 'FP32', shape: [-1, 1], columns: [] }], outputs: [{ name: 'late', datatype: 'FP32', shape: [-1, 1], columns: [] }] });

describe('/registry/v1/models/{model}/versions/{version}/card', () => {
  let registry: RegistryClient;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.close());

  const path = (model: string, number: number | string) => `/registry/v1/models/${encodeURIComponent(model)}/versions/${number}/card`;
  const card = (model: string, number: number | string = 1) => registry.as('bob', 'GET', path(model, number));
  const mlflow = (method: string, route: string, body: object) => registry.as('ada', method, `/api/2.0/mlflow/${route}`, body);
  const markdown = async (model: string, accept = 'text/markdown') => {
    const response = await fetch(`${registry.running.url}${path(model, 1)}`, { headers: { authorization: 'Bearer bob', accept } });
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  };

  /** Registers a version with all that can be known, deploys it, and has an incident. */
  async function lived(): Promise<string> {
    const origin = await recordOrigin(registry);
    await recordJobSuccess(registry, origin);
    const name = await registry.model(['criteria-met', 'approved-by-another']);
    await mlflow('PATCH', 'registered-models/update', { name, description: 'Says whether a flight lands late.' });
    const { body: version } = await registry.version(name, { run_id: origin.runId, training_set_id: origin.trainingSetId, signature: delay('delay'), description: 'More trees.' });
    await registry.as('bob', 'POST', `/registry/v1/versions/${version.version_id}/approve`, { alias: 'champion', comment: 'looked at it' });
    await registry.as('ada', 'POST', `/registry/v1/versions/${version.version_id}/evaluate`, { alias: 'champion' });
    const [deploymentId, rolloutId, incidentId] = [newId(), newId(), newId()];
    await registry.record(streamName('deployment', deploymentId),
      { type: 'cairn.serving.v1.DeploymentCreated', data: { deploymentId, name: `late-${deploymentId}` } },
      { type: 'cairn.serving.v1.RolloutStarted', data: { deploymentId, rolloutId, versionId: version.version_id, version: 1 } },
      { type: 'cairn.serving.v1.RolloutCompleted', data: { deploymentId, rolloutId, versionId: version.version_id, version: 1 } });
    await registry.record(streamName('incident', incidentId), {
      type: 'cairn.monitoring.v1.IncidentOpened', data: { incidentId, deploymentName: `late-${deploymentId}`, sentence: 'hour drifted' },
    });
    return name;
  }

  describe('200', () => {
    it('holds what the log says about a version', async () => {
      const name = await lived();
      const { status, body } = await card(name);
      expect({ status, body }).toMatchObject({
        status: 200,
        body: {
          model: name, version: 1, owner: 'ada', stage: 'None', intended_use: { model: 'Says whether a flight lands late.', version: 'More trees.' },
          training: {
            run: { name: 'nightly', status: 'FINISHED' }, training_set: { name: 'flights-q1', rows: 90, leakage: 'passed' },
            datasets: [{ name: 'flights', version: 2, certified: { level: 'golden', contract_version: '1.0.0', by: 'carl' }, quarantined: null }],
          },
          contract: { version: '1.0.0', rows_checked: 100, rows_violating: 0 },
          features: [{ column: 'busy', view: 'airport', view_version: 1 }],
          parameters: [{ key: 'depth', value: '4', origin: 'set' }, { key: 'gamma', origin: 'default', library: 'scikit-learn', library_version: '1.7.0' }],
          metrics: [{ key: 'auc', value: 0.7 }, { key: 'loss', value: 'NaN' }],
          criteria: { version: 1, verdict: 'pass', results: [{ metric: 'auc', observed: 0.7, required: 0.68, verdict: 'pass', sentence: 'auc 0.7 is at least 0.68' }] },
          approvals: [{ target: 'champion', approver: 'bob', comment: 'looked at it' }],
          deployments: [{ since: expect.stringContaining('T') }], incidents: [{ sentence: 'hour drifted', resolved_at: null }],
          signature: { from: 'version', inputs: [{ name: 'delay', columns: [{ column: 'delay', unit: 'min', minimum: -60, maximum: 600 }] }] },
          provenance: null,
        },
      });
      expect(body.gates).toMatchObject([{ target: 'champion', verdict: 'pass', outcome: '' }]);
      expect(body.limitations).toEqual(expect.arrayContaining(['The latency was not measured.', '1 incident is open in deployments of the version.']));
    });

    it('is Markdown for who asks for it', async () => {
      const name = await lived();
      await registry.as('ada', 'GET', path(name, 1).replace(/card$/, 'provenance'));
      const { status, type, text } = await markdown(name);
      expect([status, type]).toEqual([200, 'text/markdown; charset=utf-8']);
      for (const title of ['Intended use', 'Limitations that are known', 'Training data', 'Features', 'Parameters', 'Metrics', 'Deployments', 'Incidents', 'Inputs and outputs']) {
        expect(text).toContain(`\n## ${title}\n`);
      }
      expect(text).toContain('> Says whether a flight lands late.');
      expect(text).toContain('| gamma | 0.1 | default of scikit-learn 1.7.0 |');
      expect(text).toContain('| auc | &gt;\\= 0.68 | 0.7 | pass |');
      expect(text).toContain('| input | delay | delay | FP32 \\[-1, 1\\] | min | -60 | 600 |');
      expect(text).toContain('- **Provenance:** statement 1');
      expect((await markdown(name, 'text/html, text/markdown;q=0.8')).type).toContain('text/markdown');
      for (const accept of ['*/*', 'application/json, text/markdown', 'text/markdown;q=0']) expect((await markdown(name, accept)).type).toContain('application/json');
    });

    it('shows what somebody wrote as text, whatever it is', async () => {
      const name = await registry.model();
      const evil = '<img src=x onerror=alert(1)>\n# Approved\n[click](javascript:alert(1)) | **bold**';
      await registry.version(name, { description: evil });
      await mlflow('POST', 'registered-models/set-tag', { name, key: 'team', value: evil });
      const { text } = await markdown(name);
      expect(text).not.toMatch(/<img|^# Approved|[^\\]\]\(javascript/m);
      expect(text).toContain('> \\# Approved');
      expect(text.match(/^#{1,6} .*$/gm)).toEqual(expect.not.arrayContaining([expect.stringContaining('Approved')]));
    });

    it('says what is not known of a version that is only a name and a place', async () => {
      const { body: model } = await mlflow('POST', 'registered-models/create', { name: `bare ${newId()}` });
      const { name } = model.registered_model;
      await mlflow('POST', 'model-versions/create', { name, source: 's3://bucket/model' });
      const { body } = await card(name);
      expect(body).toMatchObject({ signature: null, contract: null, criteria: null, metrics: [], parameters: [], training: { run: null, training_set: null } });
      expect(body.limitations).toEqual(expect.arrayContaining([
        'The version names no run.', 'What the model is meant for is not described.', 'No deployment answers with the version.', 'Nobody approved the version.',
      ]));
      expect((await markdown(name)).text).toContain('## Limitations that are known');
    });

    it('takes the signature from the MLmodel file that a plain client logged', async () => {
      const inputs = JSON.stringify([{ type: 'double', name: 'delay', required: true }]);
      const text = `flavors: {}\nsignature:\n  inputs: '${inputs}'\n  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'\n`;
      const { digest, sizeBytes } = await registry.running.parts.objectStore.put(Buffer.from(text));
      const loggedModelId = newId();
      const modelId = `m-${loggedModelId.replaceAll('-', '')}`;
      await registry.record(streamName('logged-model', loggedModelId),
        { type: 'cairn.tracking.v1.LoggedModelCreated', data: { modelId, name: 'm' } },
        { type: 'cairn.tracking.v1.LoggedModelArtifactLogged', data: { modelId, path: 'MLmodel', digest, sizeBytes: BigInt(sizeBytes) } });
      const name = await registry.model(['signature-present']);
      expect((await mlflow('POST', 'model-versions/create', { name, source: `models:/${modelId}` })).status).toBe(200);
      expect((await card(name)).body.signature).toMatchObject({
        from: 'version', inputs: [{ name: 'delay', datatype: 'FP64', shape: [-1] }], outputs: [{ name: 'output', datatype: 'INT64' }],
      });
      // A plain client's version passes the gate by what its MLmodel file says.
      expect((await mlflow('POST', 'registered-models/alias', { name, alias: 'champion', version: '1' })).status).toBe(200);
    });
  });

  describe('400', () => {
    it('refuses a version that is no number', async () => {
      expect(await card(await registry.model(), 'latest')).toMatchObject({ status: 400, body: { code: 'INVALID_VERSION' } });
    });
  });

  describe('404', () => {
    it('knows neither model nor version', async () => {
      expect(await card(NOBODY)).toMatchObject({ status: 404, body: { code: 'MODEL_NOT_FOUND' } });
      expect(await card(await registry.model())).toMatchObject({ status: 404, body: { code: 'VERSION_NOT_FOUND' } });
    });
  });
});
