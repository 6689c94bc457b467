import type { EventOf, tracking } from '@cairn/contracts';

export type SpanLogEvent = EventOf<tracking.SpanSegmentSealed>;

export type SpanLogState = { readonly status: 'empty' } | { readonly status: 'open'; readonly experimentId: string; readonly lastSegmentId: string };

export function evolve(_state: SpanLogState, { data }: SpanLogEvent): SpanLogState {
  return { status: 'open', experimentId: data.experimentId, lastSegmentId: data.segmentId };
}
