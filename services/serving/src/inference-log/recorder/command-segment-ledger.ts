import { CommandHandler } from '@cairn/event-store';
import type { Clock, CommandMeta } from '@cairn/kernel';
import { CLOCK } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { SERVING_PRINCIPAL } from '../../fleet/command-control-plane.js';
import { inferenceLog } from '../domain/decider.js';
import type { SealedSegment, SegmentLedger } from './segment-ledger.js';

/** The ledger of a process that has the log at hand. The command's id is the segment's, so that a segment that is brought again appends nothing. */
@Injectable()
export class CommandSegmentLedger implements SegmentLedger {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async sealed({ workspace, ...data }: SealedSegment): Promise<void> {
    const { segmentId, deploymentId } = data;
    const meta: CommandMeta = { commandId: segmentId, now: this.clock.now(), actor: { principal: SERVING_PRINCIPAL }, workspace, correlationId: segmentId };
    await this.commands.handle(inferenceLog, { type: 'SealSegment', data, meta }, { id: deploymentId });
  }
}
