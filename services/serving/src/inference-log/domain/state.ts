import type { EventOf, serving } from '@cairn/contracts';

export type InferenceLogEvent = EventOf<serving.InferenceSegmentSealed | serving.LabelsRecorded | serving.PredictionsLost | serving.SegmentsExpired>;

/** The last id of each kind, and the last labels, tell a repetition from news; older ones are not kept, so that the state stays small. */
export type InferenceLogState =
  | { readonly status: 'empty' }
  | {
      readonly status: 'open';
      readonly deploymentId: string;
      readonly lastSegmentId: string;
      readonly lastBatchId: string;
      readonly lastLabelsDigest: string;
      readonly lastLossId: string;
      readonly lastExpiryId: string;
    };

export function evolve(state: InferenceLogState, event: InferenceLogEvent): InferenceLogState {
  const { deploymentId } = event.data;
  const before = state.status === 'open' ? state : { lastSegmentId: '', lastBatchId: '', lastLabelsDigest: '', lastLossId: '', lastExpiryId: '' };
  const open = { ...before, status: 'open', deploymentId } as const;
  switch (event.type) {
    case 'cairn.serving.v1.InferenceSegmentSealed':
      return { ...open, lastSegmentId: event.data.segmentId };
    case 'cairn.serving.v1.LabelsRecorded':
      return { ...open, lastBatchId: event.data.batchId, lastLabelsDigest: event.data.digest };
    case 'cairn.serving.v1.PredictionsLost':
      return { ...open, lastLossId: event.data.lossId };
    case 'cairn.serving.v1.SegmentsExpired':
      return { ...open, lastExpiryId: event.data.expiryId };
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
