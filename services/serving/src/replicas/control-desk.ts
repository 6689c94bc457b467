import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { replica } from '@cairn/contracts';
import type { JetStreamSession, NatsLink } from '@cairn/messaging';
import type { Logger } from '@cairn/service';
import type { SegmentLedger } from '../inference-log/recorder/segment-ledger.js';
import type { ControlPlane } from '../replica/control-plane.js';
import { fromInstanceReport, fromLossReport, fromSegmentReport } from './protocol/convert.js';
import { answerEach } from './protocol/messages.js';
import { refusalOf } from './protocol/refusal.js';
import { CONTROL, CONTROL_QUEUE } from './protocol/subjects.js';
import { whileConnected } from './protocol/while-connected.js';

export interface ControlDeskOptions {
  /** Undefined: nobody else brings anything. */
  readonly link: NatsLink | undefined;
  readonly logger: Logger;
  readonly controlPlane: ControlPlane;
  readonly ledger: SegmentLedger;
}

/** Takes what replicas of other processes bring, and answers once it is in the log. Several processes of the control plane share the work. */
export class ControlDesk {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly options: ControlDeskOptions) {}

  start(): void {
    const { link, logger } = this.options;
    if (link !== undefined) this.running ??= whileConnected(link, logger, this.stopping.signal, (session, signal) => this.serve(session, signal));
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private serve(session: JetStreamSession, signal: AbortSignal): Promise<void> {
    return answerEach({ session, subject: CONTROL, queue: CONTROL_QUEUE, signal }, this.options.logger, (request) => this.answer(request));
  }

  private async answer(bytes: Uint8Array): Promise<Uint8Array> {
    try {
      await this.take(fromBinary(replica.ControlRequestSchema, bytes).request);
      return toBinary(replica.ControlReplySchema, create(replica.ControlReplySchema));
    } catch (error) {
      this.options.logger.warn({ err: error }, 'what a replica brought could not be recorded');
      return toBinary(replica.ControlReplySchema, create(replica.ControlReplySchema, { refusal: refusalOf(error) }));
    }
  }

  private async take(request: replica.ControlRequest['request']): Promise<void> {
    if (request.case === 'report') await this.options.controlPlane.report(fromInstanceReport(request.value));
    else if (request.case === 'segment') await this.options.ledger.sealed(fromSegmentReport(request.value));
    else if (request.case === 'loss') await this.options.ledger.lost(fromLossReport(request.value));
    else throw new TypeError('a replica brought what this version does not know');
  }
}
