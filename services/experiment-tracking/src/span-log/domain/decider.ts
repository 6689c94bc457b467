import type { Decider, Refusal } from '@cairn/kernel';
import type { SpanLogCommand } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type SpanLogEvent, type SpanLogState } from './state.js';

/** The spans of an experiment, as files that the log vouches for. One stream per experiment, with its id. */
export const spanLog: Decider<SpanLogState, SpanLogCommand, SpanLogEvent, Code> = {
  category: 'span-log',
  initialState: () => ({ status: 'empty' }),
  evolve,
  decide,
  refusals,
};

function decide({ data }: SpanLogCommand, state: SpanLogState): readonly SpanLogEvent[] | Refusal<Code> {
  if (state.status === 'open' && state.experimentId !== data.experimentId) return refuse('OTHER_EXPERIMENT', 'This log belongs to another experiment.');
  if (data.spanCount < 1n) return refuse('EMPTY_SEGMENT', 'A segment has at least one span.');
  if (state.status === 'open' && state.lastSegmentId === data.segmentId) return [];
  return [{ type: 'cairn.tracking.v1.SpanSegmentSealed', data }];
}
