import { CommandHandler } from '@cairn/event-store';
import { derivedId, newId, type Clock, type CommandMeta } from '@cairn/kernel';
import { CLOCK, LOGGER, type Logger } from '@cairn/service';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DeploymentListQuery } from '../../deployment/views/deployment-list/deployment-list.query.js';
import type { DeploymentRow } from '../../deployment/views/deployment-list/deployment.entity.js';
import { SERVING_PRINCIPAL } from '../../fleet/command-control-plane.js';
import { inferenceLog } from '../domain/decider.js';
import { LogContentsQuery } from '../views/log-contents/log-contents.query.js';

const SWEEP_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Of one event. */
const MAX_EXPIRED = 1_000;

/** Lets segments expire once their last row was answered longer ago than their deployment's retention. Each hour, which is often enough for a measure in days. */
@Injectable()
export class RetentionSweep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;

  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(DeploymentListQuery) private readonly deployments: DeploymentListQuery,
    @Inject(LogContentsQuery) private readonly contents: LogContentsQuery,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.begin(), SWEEP_EVERY_MS);
    this.timer.unref();
    this.begin();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** `nowMs` since 1970. Several processes may sweep at once: the same segments make the same command. */
  async sweep(nowMs: number): Promise<void> {
    for (const deployment of await this.deployments.withRetention()) {
      while (await this.expire(deployment, nowMs - deployment.retentionDays * DAY_MS)) continue;
    }
  }

  private begin(): void {
    this.sweeping ??= this.sweep(Date.parse(this.clock.now()))
      .catch((error: unknown) => this.logger.warn({ err: error }, 'old segments could not be made to expire; it is tried again'))
      .finally(() => (this.sweeping = undefined));
  }

  /** False when there was nothing left to do. */
  private async expire({ workspace, deploymentId, name, retentionDays }: DeploymentRow, beforeMs: number): Promise<boolean> {
    const segmentIds = await this.contents.segmentsBefore(deploymentId, beforeMs, MAX_EXPIRED);
    if (segmentIds.length === 0) return false;
    const expiryId = derivedId('expiry', deploymentId, ...segmentIds);
    const meta: CommandMeta = { commandId: expiryId, now: this.clock.now(), actor: { principal: SERVING_PRINCIPAL }, workspace, correlationId: newId() };
    const data = { deploymentId, deploymentName: name, expiryId, segmentIds, retentionDays };
    await this.commands.handle(inferenceLog, { type: 'ExpireSegments', data, meta }, { id: deploymentId });
    return segmentIds.length === MAX_EXPIRED;
  }
}
