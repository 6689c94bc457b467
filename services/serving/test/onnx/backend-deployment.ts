import { readFileSync } from 'node:fs';
import { newId } from '@cairn/kernel';
import type { Serving } from '../support/serving.js';
import type { BackendCase } from './backend-cases.js';

/** A case that a replica runs, under a number of its own. */
export interface Shown {
  readonly version: number;
  readonly rolloutId: string;
}

/** One deployment that runs one case after the other, each as a version of the same registered model: a replica is a thread, and a thread for each case would be too many. */
export class BackendDeployment {
  private readonly modelId = newId();
  private version = 0;

  private constructor(
    private readonly serving: Serving,
    readonly name: string,
  ) {}

  static async open(serving: Serving, name: string): Promise<BackendDeployment> {
    const { status, body } = await serving.fetchJson('POST', '/serving/v1/deployments', { name, model_name: name, fallback_value: 0, replicas: 1 });
    if (status !== 201) throw new Error(`not deployed: ${JSON.stringify(body)}`);
    return new BackendDeployment(serving, name);
  }

  /** Rolls the case out as anybody would. Returns why that is refused, or what its replica says when it can't prove it. */
  async show({ modelFile, signature }: BackendCase, golden: Buffer): Promise<Shown | string> {
    this.version += 1;
    const { name: modelName, modelId, version } = this;
    const versionId = await this.serving.version({ modelName, modelId, version, onnx: readFileSync(modelFile), golden, signature });
    const { status, body } = await this.serving.fetchJson('POST', `${this.path}/rollouts`, { version_id: versionId, minimum_requests: 1 });
    if (status !== 201) return String(body.detail);
    const failed = body.proofs.find(({ proved }: { proved: boolean }) => !proved);
    if (failed === undefined) return { version, rolloutId: body.rollout_id };
    await this.hide({ version, rolloutId: body.rollout_id });
    return String(failed.reason);
  }

  async hide({ rolloutId }: Shown): Promise<void> {
    const { status, body } = await this.serving.fetchJson('POST', `${this.path}/rollouts/${rolloutId}/abort`, { reason: 'the case has been asked' });
    if (status !== 200) throw new Error(`not aborted: ${JSON.stringify(body)}`);
  }

  private get path(): string {
    return `/serving/v1/deployments/${this.name}`;
  }
}
