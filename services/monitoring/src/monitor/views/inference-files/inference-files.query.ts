import { Inject, Injectable } from '@nestjs/common';
import { DataSource, LessThan, MoreThanOrEqual } from 'typeorm';
import { InferenceFileRow } from './inference-file.entity.js';

@Injectable()
export class InferenceFilesQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Segments with a prediction in [from, to), RFC 3339. */
  async segmentsBetween(workspace: string, deploymentName: string, from: string, to: string): Promise<readonly InferenceFileRow[]> {
    return this.dataSource.manager.find(InferenceFileRow, {
      where: { workspace, deploymentName, kind: 'segment', firstTime: LessThan(asRecorded(to)), lastTime: MoreThanOrEqual(asRecorded(from)) },
      order: { position: 'ASC' },
    });
  }

  /** Segments with a prediction at or after `from`, RFC 3339. */
  async segmentsSince(workspace: string, deploymentName: string, from: string): Promise<readonly InferenceFileRow[]> {
    return this.dataSource.manager.find(InferenceFileRow, {
      where: { workspace, deploymentName, kind: 'segment', lastTime: MoreThanOrEqual(asRecorded(from)) },
      order: { position: 'ASC' },
    });
  }

  async allOf(workspace: string, deploymentName: string, kind: InferenceFileRow['kind']): Promise<readonly InferenceFileRow[]> {
    return this.dataSource.manager.find(InferenceFileRow, { where: { workspace, deploymentName, kind }, order: { position: 'ASC' } });
  }
}

/** Times are compared as texts, so they are written as serving writes them, with milliseconds: `00:00:00.500Z` comes before `00:00:00Z` in a text. */
function asRecorded(time: string): string {
  return new Date(time).toISOString();
}
