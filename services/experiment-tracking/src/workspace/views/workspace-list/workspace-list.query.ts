import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ExperimentRow } from '../../../experiment/views/experiment-list/experiment.entity.js';
import { WorkspaceRow } from './workspace.entity.js';

/** MLflow's clients know no pages of workspaces. */
const MAX_LISTED = 10_000;

@Injectable()
export class WorkspaceListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** By name, at most 10,000. */
  list(): Promise<WorkspaceRow[]> {
    return this.dataSource.manager.find(WorkspaceRow, { order: { name: 'ASC' }, take: MAX_LISTED });
  }

  find(name: string): Promise<WorkspaceRow | null> {
    return this.dataSource.manager.findOneBy(WorkspaceRow, { name });
  }

  holdsExperiments(name: string): Promise<boolean> {
    return this.dataSource.manager.existsBy(ExperimentRow, { workspace: name, deleted: false });
  }
}
