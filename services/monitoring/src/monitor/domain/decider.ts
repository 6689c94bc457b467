import type { Decider, Refusal } from '@cairn/kernel';
import type { ChangeReference, DeclareMonitor, EvaluateWindow, MonitorCommand } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { judge, type Judgement } from './judge.js';
import { evolve, type DeclaredMonitor, type MonitorEvent, type MonitorState } from './state.js';

type Decision = readonly MonitorEvent[] | Refusal<Code>;

export const monitor: Decider<MonitorState, MonitorCommand, MonitorEvent, Code> = {
  category: 'monitor',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: MonitorCommand, state: MonitorState): Decision {
  switch (command.type) {
    case 'DeclareMonitor':
      return declare(command, state);
    case 'ChangeReference':
      return changeReference(command, state);
    case 'EvaluateWindow':
      return evaluate(command, state);
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}

function declare({ data }: DeclareMonitor, state: MonitorState): Decision {
  if (state.status !== 'none') return refuse('MONITOR_EXISTS', `A monitor named ${data.name} was declared before; choose another name.`);
  const { thresholds } = data;
  if (thresholds === undefined || thresholds.consecutiveWindows < 1 || thresholds.windowDays < 1) {
    return refuse('INVALID_THRESHOLDS', 'consecutive_windows and window_days must be at least 1.');
  }
  return [{ type: 'cairn.monitoring.v1.MonitorDeclared', data }];
}

function changeReference({ data }: ChangeReference, state: MonitorState): Decision {
  if (state.status === 'none') return notFound();
  if (state.referenceDigest === data.digest) return [];
  return [
    {
      type: 'cairn.monitoring.v1.ReferenceChanged',
      data: {
        monitorId: data.monitorId,
        referenceTrainingSetId: data.trainingSetId,
        referenceDigest: data.digest,
        previousDigest: state.referenceDigest,
      },
    },
  ];
}

/** The same labels judged again are nothing new; more labels are a new evaluation of the window. */
function evaluate({ data }: EvaluateWindow, state: MonitorState): Decision {
  if (state.status === 'none') return notFound();
  const { measured } = data;
  const before = state.windows.get(measured.windowStart);
  if (before !== undefined && before.labelled >= measured.labelled) return [];
  const evaluation = (before?.evaluation ?? 0) + 1;
  const judgement = judge(measured, state.thresholds);
  const { change, incidentId } = evaluation > 1 ? NO_CHANGE : incidentChange(state, judgement, data.incidentId);
  return [
    {
      type: 'cairn.monitoring.v1.WindowEvaluated',
      data: {
        ...measured,
        auc: measured.auc,
        logLoss: measured.logLoss,
        monitorId: data.monitorId,
        evaluation,
        verdict: judgement.verdict,
        breaches: judgement.breaches,
        incidentId,
        incidentChange: change,
      },
    },
  ];
}

interface IncidentChange {
  readonly change: '' | 'opens' | 'continues' | 'resolves';
  readonly incidentId: string;
}

const NO_CHANGE: IncidentChange = { change: '', incidentId: '' };

/** One incident per spell of trouble: it opens after enough breaches in a row and closes after as many passes. */
function incidentChange(state: DeclaredMonitor, { verdict }: Judgement, newIncidentId: string): IncidentChange {
  const needed = state.thresholds.consecutiveWindows;
  const open = state.openIncidentId;
  if (verdict === 'breach') {
    if (open !== undefined) return { change: 'continues', incidentId: open };
    return state.breachesInARow + 1 >= needed ? { change: 'opens', incidentId: newIncidentId } : NO_CHANGE;
  }
  if (verdict === 'ok' && open !== undefined && state.passesInARow + 1 >= needed) return { change: 'resolves', incidentId: open };
  return NO_CHANGE;
}

function notFound(): Refusal<Code> {
  return refuse('MONITOR_NOT_FOUND', 'No monitor has this name.');
}
