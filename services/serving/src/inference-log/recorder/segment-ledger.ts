import type { Segment } from '../domain/commands.js';

export interface SealedSegment extends Segment {
  readonly workspace: string;
}

/**
 * Where a process that answers predictions says which files it made of them. The file is in the object store before it is named here, and it may be named
 * again and again under the same `segmentId`: it is recorded once. A promise that resolves means that the log holds it. Throws DomainError; of the kinds `busy` and
 * `conflict`, and for any other error, the same segment is to be brought again later, and every other kind is a refusal that time does not change.
 */
export interface SegmentLedger {
  sealed(segment: SealedSegment): Promise<void>;
}
