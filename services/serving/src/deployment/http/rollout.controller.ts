import { setTimeout as pause } from 'node:timers/promises';
import { CommandHandler } from '@cairn/event-store';
import { DomainError, type CommandMeta } from '@cairn/kernel';
import { keyOfToken, Meta, newIdFor, PageDto, pageOf, type Page } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { DeploymentRuntime } from '../../fleet/deployment-runtime.js';
import { Fleet } from '../../fleet/fleet.js';
import { deployment } from '../domain/decider.js';
import { DeploymentListQuery } from '../views/deployment-list/deployment-list.query.js';
import type { DeploymentRow } from '../views/deployment-list/deployment.entity.js';
import { RolloutHistoryQuery } from '../views/rollout-history/rollout-history.query.js';
import { AbortRolloutDto } from './abort-rollout.dto.js';
import { convertRollout, convertRolloutRecord, type RolloutResponse, type RolloutSummary } from './convert.js';
import { RolloutCandidates } from './rollout-candidates.js';
import { StartRolloutDto } from './start-rollout.dto.js';

/** How long an answer waits for replicas to have loaded, or for comparisons to be counted; after that it says how far they are. */
const SETTLE_TIMEOUT_MS = 10_000;

@ApiTags('rollouts')
@Controller('serving/v1/deployments/:name/rollouts')
export class RolloutController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(DeploymentListQuery) private readonly deployments: DeploymentListQuery,
    @Inject(RolloutHistoryQuery) private readonly history: RolloutHistoryQuery,
    @Inject(RolloutCandidates) private readonly candidates: RolloutCandidates,
    @Inject(Fleet) private readonly fleet: Fleet,
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
    await withinReason(runtime?.group.settled());
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
    return convertRolloutRecord(record, this.fleet.find(meta.workspace, name));
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
    const data = { deploymentId, rolloutId, stage, statistics: runtime.recorder.statistics(), members: runtime.group.members };
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
    if (position !== undefined) await this.fleet.reached(position);
    return this.fleet.find(workspace, name);
  }
}

async function withinReason(settled: Promise<void> | undefined): Promise<void> {
  const late = new AbortController();
  await Promise.race([settled, pause(SETTLE_TIMEOUT_MS, undefined, { signal: late.signal }).catch(() => undefined)]);
  late.abort();
}
