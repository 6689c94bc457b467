import type { Loss, Segment } from '../domain/commands.js';

export interface SealedSegment extends Segment {
  readonly workspace: string;
}

export interface LostPredictions extends Loss {
  readonly workspace: string;
}

/**
 * Where a process that answers predictions says which files it made of them, and what it can't make a file of. A file is in the object store before it is named here. The same
 * `segmentId`, and the same `lossId`, may be brought again and again: each is recorded once. A promise that resolves means that the log holds it. Throws DomainError; of the
 * kinds `busy` and `conflict`, and for any other error, the same is to be brought again later, and every other kind is a refusal that time does not change.
 */
export interface SegmentLedger {
  sealed(segment: SealedSegment): Promise<void>;
  lost(loss: LostPredictions): Promise<void>;
}
