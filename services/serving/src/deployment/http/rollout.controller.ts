import { setTimeout as pause } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import { replica } from '@cairn/contracts';
import { CommandHandler } from '@cairn/event-store';
import { DomainError, type CommandMeta } from '@cairn/kernel';
import { keyOfToken, Meta, newIdFor, PageDto, pageOf, type Page } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { DeploymentRuntime } from '../../fleet/deployment-runtime.js';
import { Fleet } from '../../fleet/fleet.js';
import { ReplicaDirectory } from '../../replicas/replica-directory.js';
import { instancesIn, mustHaveSeen, seenBy, together } from '../../replicas/stage-everywhere.js';
import { deployment } from '../domain/decider.js';
import { DeploymentListQuery } from '../views/deployment-list/deployment-list.query.js';
import type { DeploymentRow } from '../views/deployment-list/deployment.entity.js';
import { RolloutHistoryQuery } from '../views/rollout-history/rollout-history.query.js';
import { AbortRolloutDto } from './abort-rollout.dto.js';
import { convertRollout, convertRolloutRecord, type RolloutNow, type RolloutResponse, type RolloutSummary } from './convert.js';
import { RolloutCandidates } from './rollout-candidates.js';
import { StartRolloutDto } from './start-rollout.dto.js';

/** How long an answer waits for replicas to have loaded, or for comparisons to be counted; after that it says how far they are. */
const SETTLE_TIMEOUT_MS = 10_000;
/** A replica that is there answers within it, unless comparisons hold it up. */
const ASK_TIMEOUT_MS = 5_000;
/** How long an answer waits for the other replicas to follow. */
const FOLLOW_TIMEOUT_MS = 1_000;

@ApiTags('rollouts')
@Controller('serving/v1/deployments/:name/rollouts')
export class RolloutController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(DeploymentListQuery) private readonly deployments: DeploymentListQuery,
    @Inject(RolloutHistoryQuery) private readonly history: RolloutHistoryQuery,
    @Inject(RolloutCandidates) private readonly candidates: RolloutCandidates,
    @Inject(Fleet) private readonly fleet: Fleet,
    @Inject(ReplicaDirectory) private readonly directory: ReplicaDirectory,
  ) {}

  /** Answers when the replicas have proved the version, or failed to. */
  @Post()
  async start(@Param('name') name: string, @Body() body: StartRolloutDto, @Meta() meta: CommandMeta): Promise<RolloutResponse> {
    const { deploymentId } = await this.deployed(meta, name);
    const { version, goldenTolerance, unservable } = await this.candidates.find(meta.workspace, body.version_id);
    const rolloutId = newIdFor(meta, 'rollout');
    const data = {
      ...version,
      deploymentId,
      rolloutId,
      canaryWeight: body.canary_weight,
      minimumRequests: body.minimum_requests,
      goldenTolerance: body.golden_tolerance ?? goldenTolerance,
      ...(unservable !== undefined && { unservable }),
    };
    const { position } = await this.commands.handle(deployment, { type: 'StartRollout', data, meta }, { id: deploymentId });
    const runtime = await this.reached(meta, name, position);
    await withinReason(Promise.all([runtime?.group.settled(), this.elsewhere(position, true, SETTLE_TIMEOUT_MS)]));
    return this.find(name, rolloutId, meta);
  }

  @Get()
  async list(@Param('name') name: string, @Query() { limit, page_token }: PageDto, @Meta() meta: CommandMeta): Promise<Page<RolloutSummary>> {
    const { deploymentId } = await this.deployed(meta, name);
    const rows = await this.history.list(deploymentId, limit, keyOfToken(page_token));
    return pageOf(rows, limit, convertRollout, (row) => row.position);
  }

  @Get(':rollout_id')
  async find(@Param('name') name: string, @Param('rollout_id', ParseUUIDPipe) rolloutId: string, @Meta() meta: CommandMeta): Promise<RolloutResponse> {
    const { deploymentId } = await this.deployed(meta, name);
    const record = await this.history.find(deploymentId, rolloutId);
    if (record === undefined) throw new DomainError('ROLLOUT_NOT_FOUND', 'This deployment has no rollout with this id.', 'missing');
    return convertRolloutRecord(record, this.now(this.fleet.find(meta.workspace, name), rolloutId));
  }

  /** To the next stage, when the present one is judged to have passed. The judgement is recorded in any case. */
  @Post(':rollout_id/advance')
  @HttpCode(200)
  async advance(@Param('name') name: string, @Param('rollout_id', ParseUUIDPipe) rolloutId: string, @Meta() meta: CommandMeta): Promise<RolloutResponse> {
    const before = await this.find(name, rolloutId, meta);
    const runtime = this.fleet.find(meta.workspace, name);
    const candidate = runtime?.candidate;
    if (runtime === undefined || (before.status === 'running' && candidate?.rolloutId !== rolloutId)) {
      throw new DomainError('ROUTES_BEHIND', 'The rollout is recorded, but not yet in force here.', 'busy');
    }
    await withinReason(runtime.comparisonsSettled());
    const { deploymentId } = runtime.deployment;
    const stage = candidate?.stage ?? 'shadow';
    const others = await this.directory.ask({ case: 'status', value: create(replica.StatusQuestionSchema, { deploymentId }) }, ASK_TIMEOUT_MS);
    const seen = others.map((status) => mustHaveSeen(status, { deploymentId, rolloutId, stage }));
    const statistics = together([runtime.recorder.statistics(), ...seen]);
    const members = [...runtime.group.members, ...others.flatMap((status) => instancesIn(status, deploymentId))];
    const data = { deploymentId, rolloutId, stage, statistics, members };
    const { position } = await this.commands.handle(deployment, { type: 'AdvanceRollout', data, meta }, { id: deploymentId });
    await this.reached(meta, name, position);
    const after = await this.find(name, rolloutId, meta);
    const judged = after.judgements.at(-1);
    if (judged !== undefined && judged.verdict !== 'pass') {
      throw new DomainError('STAGE_NOT_PASSED', `The stage ${judged.stage} was judged ${judged.verdict}: ${judged.evidence}`, 'unmet');
    }
    return after;
  }

  @Post(':rollout_id/abort')
  @HttpCode(200)
  async abort(
    @Param('name') name: string,
    @Param('rollout_id', ParseUUIDPipe) rolloutId: string,
    @Body() body: AbortRolloutDto,
    @Meta() meta: CommandMeta,
  ): Promise<RolloutResponse> {
    await this.find(name, rolloutId, meta);
    const { deploymentId } = await this.deployed(meta, name);
    const data = { deploymentId, rolloutId, reason: body.reason };
    const { position } = await this.commands.handle(deployment, { type: 'AbortRollout', data, meta }, { id: deploymentId });
    await this.reached(meta, name, position);
    return this.find(name, rolloutId, meta);
  }

  private async deployed({ workspace }: CommandMeta, name: string): Promise<DeploymentRow> {
    const row = await this.deployments.find(workspace, name);
    if (row === null) throw new DomainError('DEPLOYMENT_NOT_FOUND', `No deployment is named ${name}.`, 'missing');
    return row;
  }

  private async reached({ workspace }: CommandMeta, name: string, position: bigint | undefined): Promise<DeploymentRuntime | undefined> {
    if (position !== undefined) await Promise.all([this.fleet.reached(position), this.elsewhere(position, false, FOLLOW_TIMEOUT_MS)]);
    return this.fleet.find(workspace, name);
  }

  /** Waits for the other replicas too. One that is late follows later: what is recorded is recorded. */
  private async elsewhere(position: bigint | undefined, settled: boolean, timeoutMs: number): Promise<void> {
    if (position === undefined) return;
    await this.directory.ask({ case: 'reach', value: create(replica.ReachQuestionSchema, { position, settled }) }, timeoutMs).catch(() => undefined);
  }

  /** What other replicas have seen is as old as their last sign of life. */
  private now(runtime: DeploymentRuntime | undefined, rolloutId: string): RolloutNow | undefined {
    const { candidate } = runtime ?? {};
    if (runtime === undefined || candidate?.rolloutId !== rolloutId) return undefined;
    const { deploymentId } = runtime.deployment;
    const stage = { deploymentId, rolloutId, stage: candidate.stage };
    const elsewhere = this.directory.all().flatMap(({ status, here }) => (here ? [] : (seenBy(status, stage) ?? [])));
    return { members: this.directory.instancesOf(deploymentId), statistics: together([runtime.recorder.statistics(), ...elsewhere]) };
  }
}

async function withinReason(settled: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  await Promise.race([settled, pause(SETTLE_TIMEOUT_MS, undefined, { signal: late.signal }).catch(() => undefined)]);
  late.abort();
}
