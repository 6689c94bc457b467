import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { replica } from '@cairn/contracts';
import { DomainError } from '@cairn/kernel';
import type { NatsLink } from '@cairn/messaging';
import type { LostPredictions, SealedSegment, SegmentLedger } from '../../inference-log/recorder/segment-ledger.js';
import type { ControlPlane, ReplicaReport } from '../../replica/control-plane.js';
import { toInstanceReport, toLossReport, toSegmentReport } from '../protocol/convert.js';
import { errorOf } from '../protocol/refusal.js';
import { CONTROL } from '../protocol/subjects.js';

const ANSWER_MS = 10_000;

/** The control plane as a replica of another process reaches it. Whatever keeps it from an answer is `busy`, at once while NATS is away: to be brought again. */
export class NatsControlPlane implements ControlPlane, SegmentLedger {
  constructor(private readonly link: NatsLink) {}

  report(report: ReplicaReport): Promise<void> {
    return this.bring({ case: 'report', value: toInstanceReport(report) });
  }

  sealed(segment: SealedSegment): Promise<void> {
    return this.bring({ case: 'segment', value: toSegmentReport(segment) });
  }

  lost(loss: LostPredictions): Promise<void> {
    return this.bring({ case: 'loss', value: toLossReport(loss) });
  }

  private async bring(request: MessageInitShape<typeof replica.ControlRequestSchema>['request']): Promise<void> {
    const answer = await this.ask(toBinary(replica.ControlRequestSchema, create(replica.ControlRequestSchema, { request })));
    const { refusal } = fromBinary(replica.ControlReplySchema, answer);
    if (refusal !== undefined) throw errorOf(refusal);
  }

  private async ask(bytes: Uint8Array): Promise<Uint8Array> {
    try {
      if (this.link.status.state !== 'connected') throw new Error('there is no connection to NATS');
      const { nc } = await this.link.use(AbortSignal.timeout(ANSWER_MS));
      return (await nc.request(CONTROL, bytes, { timeout: ANSWER_MS })).data;
    } catch (cause) {
      throw new DomainError('CONTROL_PLANE_UNAVAILABLE', 'The control plane does not answer.', 'busy', { cause });
    }
  }
}
