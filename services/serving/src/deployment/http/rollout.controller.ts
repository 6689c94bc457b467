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
import { InForce, withinReason } from './in-force.js';
import { RolloutCandidates } from './rollout-candidates.js';
import { StartRolloutDto } from './start-rollout.dto.js';

/** A replica that is there answers within it, unless comparisons hold it up. */
const ASK_TIMEOUT_MS = 5_000;

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
    @Inject(InForce) private readonly inForce: InForce,
  ) {}

  /** Answers when the replicas have proved the version, or failed to. */
  @Post()
  async start(@Param('name') name: string, @Body() body: StartRolloutDto, @Meta() meta: CommandMeta): Promise<RolloutResponse> {
    await this.deployed(meta, name);
    const { version, goldenTolerance, unservable } = await this.candidates.find(meta.workspace, body.version_id);
    const { deploymentId, fallbackVersionId } = await this.deployed(meta, name);
    const rolloutId = newIdFor(meta, 'rollout');
    const data = {
      ...version,
      deploymentId,
      rolloutId,
      canaryWeight: body.canary_weight,
      minimumRequests: body.minimum_requests,
      goldenTolerance: body.golden_tolerance ?? goldenTolerance,
      differences: await this.candidates.differences(meta.workspace, version, [fallbackVersionId]),
      ...(unservable !== undefined && { unservable }),
    };
    const { position } = await this.commands.handle(deployment, { type: 'StartRollout', data, meta }, { id: deploymentId });
    await this.inForce.reached(position);
    await this.inForce.settled(meta.workspace, name, position);
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
    await this.inForce.reached(position);
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
    await this.inForce.reached(position);
    return this.find(name, rolloutId, meta);
  }

  private async deployed({ workspace }: CommandMeta, name: string): Promise<DeploymentRow> {
    const row = await this.deployments.find(workspace, name);
    if (row === null) throw new DomainError('DEPLOYMENT_NOT_FOUND', `No deployment is named ${name}.`, 'missing');
    return row;
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
