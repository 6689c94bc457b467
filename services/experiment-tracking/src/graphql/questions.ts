import type { CommandMeta } from '@cairn/kernel';
import { Fields, MlflowError } from '@cairn/mlflow';
import type { FastifyRequest } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { convertExperiment, convertExperimentId } from '../experiment/http/convert.js';
import { ExperimentListQuery } from '../experiment/views/experiment-list/experiment-list.query.js';
import { convertRun } from '../run/http/convert.js';
import { convertRunId } from '../run/http/run-id.js';
import { RunListQuery } from '../run/views/run-list/run-list.query.js';
import { VersionsOfRun } from './versions-of-run.js';

/** Who asks. */
export interface Asking {
  readonly meta: CommandMeta;
  readonly request: FastifyRequest;
}

interface Input {
  readonly input: Readonly<Record<string, unknown>>;
}

/** What the web pages may ask; every answer has the shape that the REST API gives it. A function is called when its field is asked for. */
@Injectable()
export class Questions {
  constructor(
    @Inject(ExperimentListQuery) private readonly experiments: ExperimentListQuery,
    @Inject(RunListQuery) private readonly runs: RunListQuery,
    @Inject(VersionsOfRun) private readonly versions: VersionsOfRun,
  ) {}

  readonly root = {
    mlflowGetExperiment: ({ input }: Input, { meta }: Asking) =>
      orApiError(async () => ({ experiment: await this.experiment(new Fields(input).text('experimentId'), meta) })),
    mlflowGetRun: ({ input }: Input, asking: Asking) => orApiError(async () => ({ run: await this.run(new Fields(input).text('runId', 'runUuid'), asking) })),
  };

  private async experiment(wireId: string, { workspace }: CommandMeta): Promise<object> {
    const experimentId = convertExperimentId(wireId, workspace);
    const row = experimentId === undefined ? null : await this.experiments.find(workspace, experimentId);
    if (row === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No Experiment with id=${wireId} exists`);
    return convertExperiment(row);
  }

  private async run(wireId: string, { meta, request }: Asking): Promise<object> {
    const runId = convertRunId(wireId);
    const found = runId === undefined ? undefined : await this.runs.find(meta.workspace, runId);
    if (found === undefined) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Run with id=${wireId} not found`);
    const { run } = found;
    return {
      ...convertRun(found),
      experiment: () => this.experiment(run.experimentId, meta),
      model_versions: () => this.versions.find(run.runId, request),
    };
  }
}

/** A page tells a refusal by `apiError`, and shows what it says. */
async function orApiError(answer: () => Promise<object>): Promise<object> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof MlflowError && error.status < 500) return { api_error: { code: error.code, message: error.message } };
    throw error;
  }
}
