import type { EventOf, monitoring } from '@cairn/contracts';
import type { Thresholds } from './commands.js';

export type MonitorEvent = EventOf<monitoring.MonitorDeclared | monitoring.ReferenceChanged | monitoring.WindowEvaluated>;

export interface DeclaredMonitor {
  readonly status: 'declared';
  readonly thresholds: Thresholds;
  readonly referenceDigest: string;
  /** Windows in a row that breached, or passed, up to the latest one; inconclusive ones count for neither and end neither. */
  readonly breachesInARow: number;
  readonly passesInARow: number;
  readonly openIncidentId: string | undefined;
  /** Evaluations per window, by its start, with the labels of the latest: as many labels again, or fewer, are nothing new. */
  readonly windows: ReadonlyMap<string, { readonly evaluation: number; readonly labelled: bigint }>;
}

export type MonitorState = { readonly status: 'none' } | DeclaredMonitor;

export function evolve(state: MonitorState, event: MonitorEvent): MonitorState {
  switch (event.type) {
    case 'cairn.monitoring.v1.MonitorDeclared': {
      const { thresholds, referenceDigest } = event.data;
      if (thresholds === undefined) return state;
      return { status: 'declared', thresholds, referenceDigest, breachesInARow: 0, passesInARow: 0, openIncidentId: undefined, windows: new Map() };
    }
    case 'cairn.monitoring.v1.ReferenceChanged':
      return state.status === 'declared' ? { ...state, referenceDigest: event.data.referenceDigest, breachesInARow: 0, passesInARow: 0 } : state;
    case 'cairn.monitoring.v1.WindowEvaluated':
      return state.status === 'declared' ? withEvaluation(state, event.data) : state;
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

type Evaluated = Extract<MonitorEvent, { type: 'cairn.monitoring.v1.WindowEvaluated' }>['data'];

function withEvaluation(state: DeclaredMonitor, data: Evaluated): DeclaredMonitor {
  const windows = new Map(state.windows).set(data.windowStart, { evaluation: data.evaluation, labelled: data.labelled });
  const openIncidentId = data.incidentChange === 'resolves' ? undefined : data.incidentId || state.openIncidentId;
  // A window that is judged again says nothing about what comes after it.
  if (data.evaluation > 1 || data.verdict === 'inconclusive') return { ...state, windows, openIncidentId };
  return data.verdict === 'breach'
    ? { ...state, windows, openIncidentId, breachesInARow: state.breachesInARow + 1, passesInARow: 0 }
    : { ...state, windows, openIncidentId, breachesInARow: 0, passesInARow: state.passesInARow + 1 };
}
