import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordEvidence, startRegistry, type RegistryClient } from './support/registry-client.js';

/** Everything else that makes rows. */
async function liveThrough(registry: RegistryClient, name: string): Promise<void> {
  const mlflow = (method: string, path: string, body: object) => registry.as('ada', method, `/api/2.0/mlflow/${path}`, body);
  const hook = { name: 'h', url: 'https://no-such-host.invalid/', events: ['model_version.stage_changed'] };
  await registry.as('ada', 'POST', '/registry/v1/webhooks', hook);
  await mlflow('POST', 'model-versions/transition-stage', { name, version: '1', stage: 'Production' });
  await mlflow('POST', 'model-versions/transition-stage', { name, version: '2', stage: 'Production', archive_existing_versions: true });
  const { body: version } = await registry.version(name);
  const measured = { p50_latency_ms: 1.5, p99_latency_ms: 2.5, requests: 10 };
  await registry.as('ada', 'POST', `/registry/v1/versions/${version.version_id}/measurements`, measured);
  await registry.as('ada', 'GET', `/registry/v1/models/${encodeURIComponent(name)}/versions/1/provenance`);
  await mlflow('DELETE', 'model-versions/delete', { name, version: '3' });
  await mlflow('POST', 'registered-models/rename', { name, new_name: 'renamed' });
  await mlflow('POST', 'registered-models/create', { name });
  await mlflow('DELETE', 'registered-models/delete', { name });
  await registry.as('ada', 'POST', '/registry/v1/freezes', { from: '2001-01-01T00:00:00Z', to: '2001-02-01T00:00:00Z', reason: 'winter' });
  await registry.record('logged-model-1', { type: 'cairn.tracking.v1.LoggedModelCreated', data: { modelId: 'm-1', name: 'm' } },
    { type: 'cairn.tracking.v1.LoggedModelDeleted', data: { modelId: 'm-1' } });
  await registry.record('deployment-1', { type: 'cairn.serving.v1.DeploymentCreated', data: { deploymentId: 'd', name: 'late', modelName: 'renamed' } },
    { type: 'cairn.serving.v1.RolloutStarted', data: { deploymentId: 'd', rolloutId: 'r', versionId: version.version_id, version: 1 } },
    { type: 'cairn.serving.v1.RolloutCompleted', data: { deploymentId: 'd', rolloutId: 'r', versionId: version.version_id } });
  await registry.record('incident-1', { type: 'cairn.monitoring.v1.IncidentOpened', data: { incidentId: 'i', deploymentName: 'late', sentence: 'drift' } });
}

describe('model registry', () => {
  let registry: RegistryClient;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.close());

  const promote = (versionId: string) => registry.as('ada', 'POST', `/registry/v1/versions/${versionId}/promote`, { alias: 'champion' });

  it('gives the same rows again when its log is replayed', async () => {
    const name = await registry.model(['criteria-met', 'approved-by-another']);
    for (const verdict of ['pass', 'fail']) {
      const { body: version } = await registry.version(name);
      await recordEvidence(registry, version, verdict);
      await promote(version.version_id);
      await registry.as('bob', 'POST', `/registry/v1/versions/${version.version_id}/approve`, { alias: 'champion', comment: 'fine' });
      await promote(version.version_id);
    }
    await liveThrough(registry, name);
    const report = await registry.running.parts.stateful?.runner.rebuild();
    expect(report).toMatchObject({ identical: true });
    expect(report?.tables.every(({ rowsLive }) => rowsLive > 0)).toBe(true);
  });

  it('lets one alias end at one version, however many are promoted at once', async () => {
    const name = await registry.model([]);
    const versions: string[] = [];
    for (let count = 0; count < 5; count += 1) versions.push((await registry.version(name)).body.version_id);
    const answers = await Promise.all(versions.map(promote));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const { body } = await registry.as('ada', 'GET', `/registry/v1/models/${encodeURIComponent(name)}`);
    const moves = (await registry.store.readStream(`registered-model-${body.model_id}`)).filter(({ type }) => type === 'cairn.registry.v1.AliasMoved');
    expect(moves).toHaveLength(5);
    expect(body.aliases).toEqual([expect.objectContaining({ version_id: moves.at(-1)?.data['versionId'] })]);
    // Each move names the version that carried the alias before: nobody overwrote another's move unseen.
    expect(moves.slice(1).map(({ data }) => data['previousVersionId'])).toEqual(moves.slice(0, -1).map(({ data }) => data['versionId']));
  });

  it('forgets the verdict of a run that went on', async () => {
    const { body: version } = await registry.version(await registry.model(['criteria-met']));
    await recordEvidence(registry, version);
    await registry.record(`run-${version.run_id}`, { type: 'cairn.tracking.v1.RunResumed', data: { runId: version.run_id } });
    const { status, body } = await promote(version.version_id);
    expect([status, body.gates]).toEqual([422, [expect.objectContaining({ verdict: 'inconclusive', evidence: `Run ${version.run_id} has not finished.` })]]);
  });
});
