import { CommandHandler } from '@cairn/event-store';
import { DomainError, type CommandMeta } from '@cairn/kernel';
import { keyOfToken, Meta, newIdFor, PageDto, pageOf, type Page } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { job } from '../domain/decider.js';
import { JobRunner } from '../runner/job-runner.js';
import { JobQueueQuery } from '../views/job-queue/job-queue.query.js';
import { CancelJobDto } from './cancel-job.dto.js';
import { convertJob, convertSpec, type JobResponse } from './convert.js';
import { SubmitJobDto } from './submit-job.dto.js';

@ApiTags('jobs')
@Controller('scheduler/v1/jobs')
export class JobController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(JobQueueQuery) private readonly queue: JobQueueQuery,
    @Inject(JobRunner) private readonly runner: JobRunner,
  ) {}

  @Post()
  async submit(@Body() body: SubmitJobDto, @Meta() meta: CommandMeta): Promise<JobResponse> {
    const jobId = newIdFor(meta, 'job');
    const { programs } = this.runner;
    if (!programs.includes(body.program)) {
      throw new DomainError('UNKNOWN_PROGRAM', `No program is configured as ${body.program}. Configured: ${programs.join(', ') || 'none'}.`, 'invalid');
    }
    await this.commands.handle(job, { type: 'SubmitJob', data: { jobId, spec: convertSpec(body), triggerId: '', triggeredBy: '' }, meta }, { id: jobId });
    this.runner.wake();
    return this.find(jobId, meta);
  }

  @Get()
  async list(@Query() { limit, page_token }: PageDto, @Meta() meta: CommandMeta): Promise<Page<JobResponse>> {
    const rows = await this.queue.list(meta.workspace, limit, keyOfToken(page_token));
    return pageOf(rows, limit, convertJob, (row) => row.submittedPosition);
  }

  @Get(':job_id')
  async find(@Param('job_id', ParseUUIDPipe) jobId: string, @Meta() meta: CommandMeta): Promise<JobResponse> {
    const row = await this.queue.find(meta.workspace, jobId);
    if (row === null) throw new DomainError('JOB_NOT_FOUND', 'No job has this id.', 'missing');
    return convertJob(row);
  }

  @Post(':job_id/cancel')
  @HttpCode(200)
  async cancel(@Param('job_id', ParseUUIDPipe) jobId: string, @Body() body: CancelJobDto, @Meta() meta: CommandMeta): Promise<JobResponse> {
    await this.find(jobId, meta);
    await this.commands.handle(job, { type: 'CancelJob', data: { jobId, reason: body.reason }, meta }, { id: jobId });
    this.runner.cancel(jobId, `cancelled: ${body.reason}`);
    return this.find(jobId, meta);
  }
}
