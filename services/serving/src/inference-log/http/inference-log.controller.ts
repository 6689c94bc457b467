import { create } from '@bufbuild/protobuf';
import { replica } from '@cairn/contracts';
import type { EventStore } from '@cairn/event-store';
import { DomainError, type CommandMeta } from '@cairn/kernel';
import { ProjectionRunner } from '@cairn/read-model';
import { EVENT_STORE, keyOfToken, Meta, newIdFor, PageDto, pageOf, type Page } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ReplicaDirectory } from '../../replicas/replica-directory.js';
import type { DeploymentRuntime } from '../../fleet/deployment-runtime.js';
import { Fleet } from '../../fleet/fleet.js';
import { LabelRecorder } from '../labels/label-recorder.js';
import { InferenceRecorder } from '../recorder/inference-recorder.js';
import { LogContentsQuery } from '../views/log-contents/log-contents.query.js';
import { convertLabelBatch, convertLoss, convertSegment, type LabelBatchResponse, type LossResponse, type SegmentResponse } from './convert.js';
import { convertLabels } from './labels.js';

/** More segments than can be under way at once. */
const MAX_SEALED = 1_000;
/** Longer than a replica waits for its store. */
const SEAL_TIMEOUT_MS = 35_000;

@ApiTags('inference log')
@Controller('serving/v1/deployments/:name')
export class InferenceLogController {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(Fleet) private readonly fleet: Fleet,
    @Inject(ReplicaDirectory) private readonly directory: ReplicaDirectory,
    @Inject(ProjectionRunner) private readonly runner: ProjectionRunner,
    @Inject(InferenceRecorder) private readonly recorder: InferenceRecorder,
    @Inject(LabelRecorder) private readonly labels: LabelRecorder,
    @Inject(LogContentsQuery) private readonly contents: LogContentsQuery,
  ) {}

  /** Seals what was answered so far, and says which segments that made. */
  @Post('seal')
  @HttpCode(200)
  async seal(@Param('name') name: string, @Meta() meta: CommandMeta): Promise<Page<SegmentResponse>> {
    const runtime = this.deployed(name, meta);
    const { deploymentId } = runtime.deployment;
    const before = (await this.store.size()) - 1n;
    await runtime.comparisonsSettled();
    await Promise.all([this.recorder.seal(runtime.logOwner), this.sealElsewhere(deploymentId)]);
    const rows = await this.contents.segments(deploymentId, MAX_SEALED, String(before));
    return pageOf(rows, MAX_SEALED, convertSegment, (row) => row.position);
  }

  /** What a replica sealed is in the log then, and this process's view shows it. */
  private async sealElsewhere(deploymentId: string): Promise<void> {
    const others = await this.directory.ask({ case: 'seal', value: create(replica.SealQuestionSchema, { deploymentId }) }, SEAL_TIMEOUT_MS);
    if (others.length > 0) await this.runner.waitFor((await this.store.size()) - 1n);
  }

  @Get('segments')
  async segments(@Param('name') name: string, @Query() { limit, page_token }: PageDto, @Meta() meta: CommandMeta): Promise<Page<SegmentResponse>> {
    const { deploymentId } = this.deployed(name, meta).deployment;
    const rows = await this.contents.segments(deploymentId, limit, keyOfToken(page_token));
    return pageOf(rows, limit, convertSegment, (row) => row.position);
  }

  /** Predictions that were answered and are in no segment. */
  @Get('losses')
  async losses(@Param('name') name: string, @Query() { limit, page_token }: PageDto, @Meta() meta: CommandMeta): Promise<Page<LossResponse>> {
    const { deploymentId } = this.deployed(name, meta).deployment;
    const rows = await this.contents.losses(deploymentId, limit, keyOfToken(page_token));
    return pageOf(rows, limit, convertLoss, (row) => row.position);
  }

  /** What turned out to be true, by prediction id. */
  @Post('labels')
  async recordLabels(@Param('name') name: string, @Body() body: unknown, @Meta() meta: CommandMeta): Promise<{ batch_id: string; digest: string; row_count: number }> {
    const runtime = this.deployed(name, meta);
    const rows = convertLabels(body, Date.parse(meta.now));
    const row_count = rows.predictionIds.length;
    const batchId = newIdFor(meta, 'label-batch');
    const { digest } = await this.labels.record(runtime.logOwner, batchId, rows, meta);
    const recorded = await this.contents.batch(runtime.deployment.deploymentId, batchId, digest);
    return { batch_id: recorded.batchId, digest, row_count };
  }

  @Get('labels')
  async labelBatches(@Param('name') name: string, @Query() { limit, page_token }: PageDto, @Meta() meta: CommandMeta): Promise<Page<LabelBatchResponse>> {
    const { deploymentId } = this.deployed(name, meta).deployment;
    const rows = await this.contents.labelBatches(deploymentId, limit, keyOfToken(page_token));
    return pageOf(rows, limit, convertLabelBatch, (row) => row.position);
  }

  private deployed(name: string, { workspace }: CommandMeta): DeploymentRuntime {
    const runtime = this.fleet.find(workspace, name);
    if (runtime === undefined) throw new DomainError('DEPLOYMENT_NOT_FOUND', `No deployment is named ${name}.`, 'missing');
    return runtime;
  }
}
