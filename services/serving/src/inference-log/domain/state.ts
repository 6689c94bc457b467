import type { EventOf, serving } from '@cairn/contracts';

export type InferenceLogEvent = EventOf<serving.InferenceSegmentSealed | serving.LabelsRecorded>;

/** The last digests of either kind tell a repetition from news; older ones are not kept, so that the state stays small. */
export type InferenceLogState =
  | { readonly status: 'empty' }
  | { readonly status: 'open'; readonly deploymentId: string; readonly lastSegmentId: string; readonly lastBatchId: string };

export function evolve(state: InferenceLogState, event: InferenceLogEvent): InferenceLogState {
  const { deploymentId } = event.data;
  const { lastSegmentId, lastBatchId } = state.status === 'open' ? state : { lastSegmentId: '', lastBatchId: '' };
  switch (event.type) {
    case 'cairn.serving.v1.InferenceSegmentSealed':
      return { status: 'open', deploymentId, lastSegmentId: event.data.segmentId, lastBatchId };
    case 'cairn.serving.v1.LabelsRecorded':
      return { status: 'open', deploymentId, lastSegmentId, lastBatchId: event.data.batchId };
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
