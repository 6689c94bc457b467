import { ProjectionRunner, RememberedLookUp } from '@cairn/read-model';
import { Inject, Injectable } from '@nestjs/common';
import { RunListQuery } from './run-list.query.js';
import type { RunRow } from './run.entity.js';

/** What decides whether a run takes what is reported. */
export type KnownRun = Pick<RunRow, 'runId' | 'workspace' | 'deleted' | 'experimentDeleted'>;

const CHANGED_BY = ['cairn.tracking.v1.RunDeleted', 'cairn.tracking.v1.RunRestored', 'cairn.tracking.v1.ExperimentDeleted', 'cairn.tracking.v1.ExperimentRestored'];
const MAX_RUNS = 10_000;

/** Runs that report: asked for by every point that is logged, and seldom deleted. */
@Injectable()
export class KnownRuns {
  private readonly known: RememberedLookUp<KnownRun>;

  constructor(@Inject(RunListQuery) runs: RunListQuery, @Inject(ProjectionRunner) runner: ProjectionRunner) {
    const find = async (runId: string): Promise<KnownRun | undefined> => {
      const run = await runs.findAnywhere(runId);
      return run && { runId: run.runId, workspace: run.workspace, deleted: run.deleted, experimentDeleted: run.experimentDeleted };
    };
    this.known = new RememberedLookUp({ find, runner, changedBy: CHANGED_BY, max: MAX_RUNS });
  }

  async find(workspace: string, runId: string): Promise<KnownRun | undefined> {
    const run = await this.known.find(runId);
    return run?.workspace === workspace ? run : undefined;
  }
}
