import { CommandHandler } from '@cairn/event-store';
import type { Clock, CommandMeta } from '@cairn/kernel';
import { CLOCK } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { SERVING_PRINCIPAL } from '../../fleet/command-control-plane.js';
import { inferenceLog } from '../domain/decider.js';
import type { LostPredictions, SealedSegment, SegmentLedger } from './segment-ledger.js';

/** The ledger of a process that has the log at hand. The command's id is that of the segment or loss, so that what is brought again appends nothing. */
@Injectable()
export class CommandSegmentLedger implements SegmentLedger {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async sealed({ workspace, ...data }: SealedSegment): Promise<void> {
    await this.commands.handle(inferenceLog, { type: 'SealSegment', data, meta: this.meta(data.segmentId, workspace) }, { id: data.deploymentId });
  }

  async lost({ workspace, ...data }: LostPredictions): Promise<void> {
    await this.commands.handle(inferenceLog, { type: 'RecordLoss', data, meta: this.meta(data.lossId, workspace) }, { id: data.deploymentId });
  }

  private meta(commandId: string, workspace: string): CommandMeta {
    return { commandId, now: this.clock.now(), actor: { principal: SERVING_PRINCIPAL }, workspace, correlationId: commandId };
  }
}
