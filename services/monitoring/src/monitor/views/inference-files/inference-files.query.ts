import { Inject, Injectable } from '@nestjs/common';
import { DataSource, LessThan, MoreThanOrEqual } from 'typeorm';
import { InferenceFileRow } from './inference-file.entity.js';

@Injectable()
export class InferenceFilesQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Segments with a prediction in [from, to), RFC 3339. */
  async segmentsBetween(workspace: string, deploymentName: string, from: string, to: string): Promise<readonly InferenceFileRow[]> {
    return this.dataSource.manager.find(InferenceFileRow, {
      where: { workspace, deploymentName, kind: 'segment', firstTime: LessThan(to), lastTime: MoreThanOrEqual(from) },
      order: { position: 'ASC' },
    });
  }

  async allOf(workspace: string, deploymentName: string, kind: InferenceFileRow['kind']): Promise<readonly InferenceFileRow[]> {
    return this.dataSource.manager.find(InferenceFileRow, { where: { workspace, deploymentName, kind }, order: { position: 'ASC' } });
  }
}
