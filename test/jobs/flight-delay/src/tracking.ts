import type { CairnClient } from './cairn-client.js';

export interface Param {
  readonly key: string;
  readonly value: string;
  readonly origin: 'set' | 'default';
  readonly library?: string;
  readonly library_version?: string;
}

interface StartedRun {
  readonly run: { readonly info: { readonly run_id: string; readonly artifact_uri: string } };
}

const SCHEME = 'mlflow-artifacts:/';

/** One MLflow run over REST. */
export class TrackedRun {
  private constructor(
    private readonly client: CairnClient,
    readonly id: string,
    private readonly artifactRoot: string,
  ) {}

  static async start(client: CairnClient, experiment: string, name: string, tags: Readonly<Record<string, string>>): Promise<TrackedRun> {
    const found = await client.json<{ experiment: { experiment_id: string } }>('GET', `/api/2.0/mlflow/experiments/get-by-name?experiment_name=${encodeURIComponent(experiment)}`);
    const { run } = await client.json<StartedRun>('POST', '/api/2.0/mlflow/runs/create', {
      experiment_id: found.experiment.experiment_id,
      run_name: name,
      start_time: Date.now(),
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    });
    return new TrackedRun(client, run.info.run_id, run.info.artifact_uri.replace(SCHEME, ''));
  }

  async params(params: readonly Param[]): Promise<void> {
    await this.client.json('POST', `/tracking/v1/runs/${this.id}/params`, { params });
  }

  async metrics(values: Readonly<Record<string, number>>, step = 0): Promise<void> {
    const metrics = Object.entries(values).map(([key, value]) => ({ key, value, timestamp: Date.now(), step }));
    await this.client.json('POST', '/api/2.0/mlflow/runs/log-batch', { run_id: this.id, metrics, params: [], tags: [] });
  }

  async input(name: string, digest: string, trainingSetId: string, context: string): Promise<void> {
    // MLflow's digests have at most 36 characters; the whole one stands in the source.
    const source = JSON.stringify({ training_set_id: trainingSetId, digest });
    const dataset = { name, digest: digest.replace('sha256:', '').slice(0, 36), source_type: 'cairn', source };
    await this.client.json('POST', '/api/2.0/mlflow/runs/log-inputs', { run_id: this.id, datasets: [{ tags: [{ key: 'mlflow.data.context', value: context }], dataset }] });
  }

  async artifact(path: string, content: Uint8Array): Promise<void> {
    await this.client.put(`/api/2.0/mlflow-artifacts/artifacts/${this.artifactRoot}/${path}`, content);
  }

  async end(status: 'FINISHED' | 'FAILED'): Promise<void> {
    await this.client.json('POST', '/api/2.0/mlflow/runs/update', { run_id: this.id, status, end_time: Date.now() });
  }
}
