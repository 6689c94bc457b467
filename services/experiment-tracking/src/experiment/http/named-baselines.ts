import { DomainError } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { convertRunId } from '../../run/http/run-id.js';
import { MeasuredRunsQuery, type MeasuredRun } from '../../run/views/run-list/measured-runs.query.js';
import type { Criterion, NamedBaseline } from '../domain/commands.js';
import { VersionRunsQuery } from '../views/version-runs/version-runs.query.js';
import type { AskedCriterion } from './convert-criteria.js';

interface Place {
  readonly experimentId: string;
  readonly workspace: string;
}

/** Finds the runs that criteria name as baselines, and what they measured, at the moment of the declaration. */
@Injectable()
export class NamedBaselines {
  constructor(
    @Inject(MeasuredRunsQuery) private readonly runs: MeasuredRunsQuery,
    @Inject(VersionRunsQuery) private readonly versions: VersionRunsQuery,
  ) {}

  /** Throws DomainError BASELINE_NOT_FOUND when there is no such run, or when it has not finished or has not measured the metric as a finite number. */
  async resolve(asked: readonly AskedCriterion[], place: Place): Promise<Criterion[]> {
    const resolved: Criterion[] = [];
    for (const { criterion, baseline } of asked) {
      resolved.push(baseline === undefined ? criterion : { ...criterion, baseline: await this.find(criterion, baseline, place) });
    }
    return resolved;
  }

  private async find({ metric, comparison }: Criterion, baseline: NonNullable<AskedCriterion['baseline']>, { experimentId, workspace }: Place): Promise<NamedBaseline> {
    switch (baseline.kind) {
      case 'run': {
        const { runId } = baseline;
        return named('run', await this.measured(workspace, metric, runId, `run ${runId}`));
      }
      case 'model_version': {
        const { name, version } = baseline;
        const row = await this.versions.find(workspace, name, version);
        if (row === null || row.runId === '') throw notFound(`version ${version} of the model ${name} is not known here, or nobody said which run made it`);
        const measured = await this.measured(workspace, metric, row.runId, `the run of version ${version} of ${name}`);
        return { ...named('model_version', measured), modelName: name, modelVersion: version };
      }
      case 'best_run': {
        const best = await this.runs.best(workspace, metric, experimentId, comparison.startsWith('>') ? 'highest' : 'lowest');
        if (best === undefined) throw notFound(`no finished run of this experiment has measured ${metric}`);
        return { ...named('best_run', best), consideredRuns: best.consideredRuns };
      }
      default: {
        const unhandled: never = baseline;
        return unhandled;
      }
    }
  }

  private async measured(workspace: string, metric: string, wireId: string, what: string): Promise<MeasuredRun> {
    const runId = convertRunId(wireId);
    const found = runId === undefined ? undefined : await this.runs.find(workspace, metric, runId);
    if (found === undefined) throw notFound(`${what} is not there, has not finished or has not measured ${metric} as a finite number`);
    return found;
  }
}

function named(kind: string, { runId, value }: MeasuredRun): NamedBaseline {
  return { kind, runId, value, modelName: '', modelVersion: 0, consideredRuns: 0 };
}

function notFound(why: string): DomainError {
  return new DomainError('BASELINE_NOT_FOUND', `The baseline cannot be taken: ${why}. Name a finished run that has measured it, or declare a threshold.`, 'invalid');
}
