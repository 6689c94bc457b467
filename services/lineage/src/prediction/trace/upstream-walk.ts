import type { GraphEdge } from '../../graph/views/graph/graph.query.js';

/** One step away from the prediction and towards its data: `to` is where `from` came from. */
export interface Hop {
  readonly from: string;
  readonly to: string;
  readonly relation: string;
  readonly position: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly time: string;
}

/** Kinds that are walked through, in the order in which the path is told: from the model back to its data. */
const THROUGH = ['model-version', 'logged-model', 'run', 'job', 'training-set', 'feature-service', 'feature-view', 'dataset-version'];
/** Kinds that end the path where it meets them: they say why something was made, or where it came from. */
const ENDS = ['trigger', 'incident', 'contract', 'origin'];
const TOLD = [...THROUGH, ...ENDS];
/** An earlier version of a definition is not what this one was made of. */
const NOT_MADE_OF = new Set(['succeeded-by', 'proved-by', 'judged-by', 'evaluated']);

// The longest chain of makings that was thought of is a tenth of it; a loop of edges must not be walked for ever.
const MAX_STEPS = 50;

/** Everything that a model version was made of, each thing once, in the order of a story: model, run, job, training set, features, data. */
export async function walkUpstream(start: string, edgesInto: (ids: readonly string[]) => Promise<readonly GraphEdge[]>): Promise<Hop[]> {
  const hops: Hop[] = [];
  const seen = new Set([start]);
  let frontier = [start];
  for (let step = 0; frontier.length > 0 && step < MAX_STEPS; step += 1) {
    const next: string[] = [];
    for (const { from, to, ...event } of await edgesInto(frontier)) {
      const kind = kindOf(from);
      if (seen.has(from) || NOT_MADE_OF.has(event.relation) || !TOLD.includes(kind)) continue;
      seen.add(from);
      hops.push({ from: to, to: from, ...event });
      if (THROUGH.includes(kind)) next.push(from);
    }
    frontier = next;
  }
  // Sorting is stable: within a kind, nearest first.
  return hops.sort((one, other) => TOLD.indexOf(kindOf(one.to)) - TOLD.indexOf(kindOf(other.to)));
}

export function kindOf(nodeId: string): string {
  return nodeId.slice(0, nodeId.indexOf(':'));
}
