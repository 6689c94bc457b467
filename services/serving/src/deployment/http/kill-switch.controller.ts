import { CommandHandler, type EventStore } from '@cairn/event-store';
import { DomainError, streamName, type CommandMeta } from '@cairn/kernel';
import { EVENT_STORE, Meta, newIdFor } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Fleet } from '../../fleet/fleet.js';
import { ReplicaDirectory } from '../../replicas/replica-directory.js';
import type { ConfigureFallback, EngageKillSwitch, ReleaseKillSwitch } from '../domain/commands.js';
import { deployment } from '../domain/decider.js';
import { DeploymentListQuery } from '../views/deployment-list/deployment-list.query.js';
import type { DeploymentRow } from '../views/deployment-list/deployment.entity.js';
import { RolloutHistoryQuery } from '../views/rollout-history/rollout-history.query.js';
import { convertDeployment, convertFallback, convertProofs, type DeploymentResponse } from './convert.js';
import { FallbackDto } from './fallback.dto.js';
import { InForce, type Followed } from './in-force.js';
import { KillSwitchDto } from './kill-switch.dto.js';
import { RolloutCandidates } from './rollout-candidates.js';

/** `everywhere` is false when another replica has not said within a second that it follows; it does when it hears of it. */
type SwitchedResponse = DeploymentResponse & Followed;

/** Who answers in the place of what may not, and the switch that decides it. What is asked for is in force here when it is answered. */
@ApiTags('deployments')
@Controller('serving/v1/deployments/:name')
export class KillSwitchController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(DeploymentListQuery) private readonly deployments: DeploymentListQuery,
    @Inject(RolloutHistoryQuery) private readonly history: RolloutHistoryQuery,
    @Inject(RolloutCandidates) private readonly candidates: RolloutCandidates,
    @Inject(Fleet) private readonly fleet: Fleet,
    @Inject(ReplicaDirectory) private readonly directory: ReplicaDirectory,
    @Inject(InForce) private readonly inForce: InForce,
  ) {}

  @Get('fallback')
  async fallback(@Param('name') name: string, @Meta() meta: CommandMeta) {
    const row = await this.deployed(meta, name);
    const runtime = this.fleet.find(meta.workspace, name);
    const proofs = row.fallbackId === null ? [] : await this.history.proofs(row.fallbackId);
    return { ...convertFallback(row, runtime), proofs: convertProofs(proofs, this.directory.instancesOf(row.deploymentId)) };
  }

  /** Answers when the replicas have proved the version that is to stand by, or failed to. */
  @Put('fallback')
  async configureFallback(@Param('name') name: string, @Body() body: FallbackDto, @Meta() meta: CommandMeta) {
    const { deploymentId } = await this.deployed(meta, name);
    const data = body.version_id === undefined ? { kind: 'constant' as const, deploymentId, value: body.value ?? 0 } : await this.standby(name, body.version_id, meta);
    const { position } = await this.record({ type: 'ConfigureFallback', data, meta });
    await this.inForce.settled(meta.workspace, name, position);
    return this.fallback(name, meta);
  }

  /** From the answer on nobody gets an answer of the live version or of the one that is being rolled out. */
  @Post('kill')
  @HttpCode(200)
  async kill(@Param('name') name: string, @Body() { reason }: KillSwitchDto, @Meta() meta: CommandMeta): Promise<SwitchedResponse> {
    const { deploymentId } = await this.deployed(meta, name);
    const { everywhere } = await this.record({ type: 'EngageKillSwitch', data: { deploymentId, reason }, meta });
    return { ...(await this.find(name, meta)), everywhere };
  }

  @Post('restore')
  @HttpCode(200)
  async restore(@Param('name') name: string, @Body() { reason }: KillSwitchDto, @Meta() meta: CommandMeta): Promise<SwitchedResponse> {
    const { deploymentId } = await this.deployed(meta, name);
    const { everywhere } = await this.record({ type: 'ReleaseKillSwitch', data: { deploymentId, reason }, meta });
    return { ...(await this.find(name, meta)), everywhere };
  }

  private async find(name: string, meta: CommandMeta): Promise<DeploymentResponse> {
    return convertDeployment(await this.deployed(meta, name), this.fleet.find(meta.workspace, name));
  }

  private async deployed({ workspace }: CommandMeta, name: string): Promise<DeploymentRow> {
    const row = await this.deployments.find(workspace, name);
    if (row === null) throw new DomainError('DEPLOYMENT_NOT_FOUND', `No deployment is named ${name}.`, 'missing');
    return row;
  }

  /** Also what was in the log already may not be in force here yet: perhaps it was another process that recorded it. */
  private async record(command: ConfigureFallback | EngageKillSwitch | ReleaseKillSwitch): Promise<Followed & { readonly position: bigint | undefined }> {
    const { deploymentId } = command.data;
    const { position, revision } = await this.commands.handle(deployment, command, { id: deploymentId });
    const [last] = position === undefined ? await this.store.readStream(streamName(deployment.category, deploymentId), { from: revision, limit: 1 }) : [];
    const wanted = position ?? last?.position;
    return { position: wanted, ...(await this.inForce.reached(wanted)) };
  }

  private async standby(name: string, versionId: string, meta: CommandMeta): Promise<ConfigureFallback['data']> {
    const { version, goldenTolerance, unservable } = await this.candidates.find(meta.workspace, versionId);
    const { deploymentId, liveVersionId, rolloutId } = await this.deployed(meta, name);
    const rollout = rolloutId === null ? undefined : await this.history.find(deploymentId, rolloutId);
    const differences = await this.candidates.differences(meta.workspace, version, [liveVersionId, rollout?.rollout.versionId]);
    const fallbackId = newIdFor(meta, 'fallback');
    return { ...version, kind: 'version', deploymentId, fallbackId, goldenTolerance, differences, ...(unservable !== undefined && { unservable }) };
  }
}
