import { Inject, Injectable } from '@nestjs/common';
import { DataSource, LessThan } from 'typeorm';
import { JobRow } from './job.entity.js';

@Injectable()
export class JobQueueQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async find(workspace: string, jobId: string): Promise<JobRow | null> {
    return this.dataSource.manager.findOneBy(JobRow, { jobId, workspace });
  }

  /** Newest first; one row more than `limit`. */
  async list(workspace: string, limit: number, below?: string): Promise<readonly JobRow[]> {
    return this.dataSource.manager.find(JobRow, {
      where: { workspace, ...(below !== undefined && { submittedPosition: LessThan(below) }) },
      order: { submittedPosition: 'DESC' },
      take: limit + 1,
    });
  }

  /** What to start next: higher priority first, then first come, first served. */
  async nextQueued(limit: number): Promise<readonly JobRow[]> {
    return this.dataSource.manager.find(JobRow, {
      where: { status: 'queued' },
      order: { priority: 'DESC', submittedPosition: 'ASC' },
      take: limit,
    });
  }

  async runningOn(host: string): Promise<readonly JobRow[]> {
    return this.dataSource.manager.findBy(JobRow, { status: 'running', host });
  }
}
