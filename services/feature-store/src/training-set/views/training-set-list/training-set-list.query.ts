import { Inject, Injectable } from '@nestjs/common';
import { DataSource, LessThan } from 'typeorm';
import { TrainingSetRow } from './training-set.entity.js';

@Injectable()
export class TrainingSetListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async find(workspace: string, trainingSetId: string): Promise<TrainingSetRow | null> {
    return this.dataSource.manager.findOneBy(TrainingSetRow, { workspace, trainingSetId });
  }

  /** Newest first, below a position; one more than `limit`. */
  async list(workspace: string, limit: number, below?: string): Promise<readonly TrainingSetRow[]> {
    return this.dataSource.manager.find(TrainingSetRow, {
      where: { workspace, ...(below !== undefined && { position: LessThan(below) }) },
      order: { position: 'DESC' },
      take: limit + 1,
    });
  }
}
