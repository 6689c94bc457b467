import type { Decider, Refusal } from '@cairn/kernel';
import type { InferenceLogCommand } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { snapshot } from './snapshot.js';
import { evolve, type InferenceLogEvent, type InferenceLogState } from './state.js';

/** What a deployment answered and what turned out to be true, as files that the log vouches for. One stream per deployment, with its id. */
export const inferenceLog: Decider<InferenceLogState, InferenceLogCommand, InferenceLogEvent, Code> = {
  category: 'inference-log',
  initialState: () => ({ status: 'empty' }),
  evolve,
  decide,
  refusals,
  snapshot,
};

function decide(command: InferenceLogCommand, state: InferenceLogState): readonly InferenceLogEvent[] | Refusal<Code> {
  if (state.status === 'open' && state.deploymentId !== command.data.deploymentId) {
    return refuse('OTHER_DEPLOYMENT', 'This log belongs to another deployment.');
  }
  switch (command.type) {
    case 'SealSegment': {
      const { data } = command;
      if (data.rowCount < 1) return refuse('EMPTY_SEGMENT', 'A segment has at least one row.');
      if (state.status === 'open' && state.lastSegmentId === data.segmentId) return [];
      return [
        {
          type: 'cairn.serving.v1.InferenceSegmentSealed',
          data: { ...data, versionIds: [...data.versionIds], sizeBytes: BigInt(data.sizeBytes), rowCount: BigInt(data.rowCount) },
        },
      ];
    }
    case 'RecordLabels': {
      const { data } = command;
      if (data.rowCount < 1) return refuse('EMPTY_LABELS', 'A batch has at least one label.');
      // Right after the same labels, these say nothing new; after others they may correct them back.
      if (state.status === 'open' && (state.lastBatchId === data.batchId || state.lastLabelsDigest === data.digest)) return [];
      return [{ type: 'cairn.serving.v1.LabelsRecorded', data: { ...data, rowCount: BigInt(data.rowCount) } }];
    }
    case 'RecordLoss': {
      const { data } = command;
      const isLoss = Number.isSafeInteger(data.rows) && (data.isExact ? data.rows > 0 : data.rows >= 0);
      if (!isLoss) return refuse('INVALID_LOSS', 'A loss is of at least one row, or of nobody knows how many.');
      if (state.status === 'open' && state.lastLossId === data.lossId) return [];
      return [{ type: 'cairn.serving.v1.PredictionsLost', data: { ...data, rows: BigInt(data.rows) } }];
    }
    case 'ExpireSegments': {
      const { data } = command;
      if (data.segmentIds.length === 0) return refuse('NOTHING_EXPIRED', 'An expiry names at least one segment.');
      if (state.status === 'open' && state.lastExpiryId === data.expiryId) return [];
      return [{ type: 'cairn.serving.v1.SegmentsExpired', data: { ...data, segmentIds: [...data.segmentIds] } }];
    }
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}
