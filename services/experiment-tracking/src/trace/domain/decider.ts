import type { Decider, Refusal } from '@cairn/kernel';
import { changeAssessment, logAssessment, removeAssessment } from './assess.js';
import type { LinkTraceToPrompts, SetTraceTags, TraceCommand } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { portions } from './portions.js';
import { evolve, type KnownTrace, type TraceEvent, type TraceState } from './state.js';
import { endTrace, observe, tell } from './tell.js';

type Decision = readonly TraceEvent[] | Refusal<Code>;

const MAX_TAGS = 1_000;
const MAX_LINKS = 1_000;
const MAX_ARTIFACTS = 1_000;

/** One trace: what was said of it, by its client and by its spans, and what others said since. Its spans are not in its stream. */
export const trace: Decider<TraceState, TraceCommand, TraceEvent, Code> = {
  category: 'trace',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: TraceCommand, state: TraceState): Decision {
  if (command.type === 'ObserveSpans') return observe(command, state);
  if (state.status === 'deleted') return command.type === 'DeleteTrace' ? [] : refuse('TRACE_DELETED', 'The trace with this id was deleted.');
  if (command.type === 'TellTrace') return tell(command, state);
  if (state.status === 'none') return refuse('TRACE_NOT_FOUND', 'No trace has this id.');
  const { traceId } = state;
  switch (command.type) {
    case 'EndTrace':
      return endTrace(command, state);
    case 'SetTraceTags':
      return setTags(command, state);
    case 'RemoveTraceTag': {
      const { key } = command.data;
      if (!state.tags.has(key)) return refuse('TAG_NOT_FOUND', `No trace tag with key '${key}' for trace with ID '${traceId}'`);
      return [{ type: 'cairn.tracking.v1.TraceTagRemoved', data: { traceId, key } }];
    }
    case 'LogAssessment':
      return logAssessment(command, state);
    case 'ChangeAssessment':
      return changeAssessment(command, state);
    case 'RemoveAssessment':
      return removeAssessment(command, state);
    case 'LinkTraceToRun': {
      const { runId } = command.data;
      if (state.runIds.has(runId)) return [];
      if (state.runIds.size >= MAX_LINKS) return refuse('TOO_MANY_LINKS', `A trace is linked to at most ${MAX_LINKS} runs.`);
      return [{ type: 'cairn.tracking.v1.TraceLinkedToRun', data: { traceId, runId } }];
    }
    case 'LinkTraceToPrompts':
      return linkToPrompts(command, state);
    case 'LogTraceArtifact': {
      const { path, digest } = command.data;
      if (state.artifacts.get(path) === digest) return [];
      if (state.artifacts.size >= MAX_ARTIFACTS && !state.artifacts.has(path)) return refuse('TOO_MANY_ARTIFACTS', `A trace has at most ${MAX_ARTIFACTS} files.`);
      return [{ type: 'cairn.tracking.v1.TraceArtifactLogged', data: { traceId, ...command.data } }];
    }
    case 'DeleteTrace':
      return [{ type: 'cairn.tracking.v1.TraceDeleted', data: { traceId, experimentId: state.experimentId } }];
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}

function setTags({ data }: SetTraceTags, { traceId, tags }: KnownTrace): Decision {
  const news = data.tags.filter(({ key, value }) => tags.get(key) !== value);
  const more = news.filter(({ key }) => !tags.has(key)).length;
  if (tags.size + more > MAX_TAGS) return refuse('TOO_MANY_TRACE_TAGS', `A trace has at most ${MAX_TAGS} tags: remove some first.`);
  return portions(news).map((some) => ({ type: 'cairn.tracking.v1.TraceTagsSet', data: { traceId, tags: some } }));
}

function linkToPrompts({ data }: LinkTraceToPrompts, { traceId, prompts }: KnownTrace): Decision {
  const news = data.prompts.filter(({ name, version }) => !prompts.has(`${name}/${version}`));
  if (prompts.size + news.length > MAX_LINKS) return refuse('TOO_MANY_LINKS', `A trace is linked to at most ${MAX_LINKS} prompt versions.`);
  return news.length === 0 ? [] : [{ type: 'cairn.tracking.v1.TraceLinkedToPrompts', data: { traceId, prompts: news } }];
}
