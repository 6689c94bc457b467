import { CommandHandler } from '@cairn/event-store';
import { CLOCK, LOGGER, type Logger } from '@cairn/service';
import { derivedId, DomainError, newId, type Clock, type CommandMeta } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { deployment } from '../deployment/domain/decider.js';
import type { ControlPlane, ReplicaReport } from '../replica/control-plane.js';

/** Whoever acts without a request: replicas that report, and segments that are sealed because they are old or full. */
export const SERVING_PRINCIPAL = 'serving';

/** Turns reports into commands. A replica reports once per rollout, so a report that is sent again is the same command. */
@Injectable()
export class CommandControlPlane implements ControlPlane {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async report({ workspace, ...data }: ReplicaReport): Promise<void> {
    const meta: CommandMeta = {
      commandId: derivedId('replica-report', data.replicaId, data.rolloutId, data.versionId),
      now: this.clock.now(),
      actor: { principal: SERVING_PRINCIPAL },
      workspace,
      correlationId: newId(),
    };
    try {
      await this.commands.handle(deployment, { type: 'ReportReplica', data, meta }, { id: data.deploymentId });
    } catch (error) {
      // Later is no help against a refusal; the replica stays unproved, which is what the rollout goes by.
      if (!(error instanceof DomainError) || error.kind === 'busy' || error.code === 'CONCURRENT_CHANGE') throw error;
      this.logger.error({ err: error, ...data }, 'a replica’s report was refused');
    }
  }
}
