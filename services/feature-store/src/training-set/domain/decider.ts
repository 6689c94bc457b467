import type { Decider, Refusal } from '@cairn/kernel';
import type { JudgeLeakage, RequestTrainingSet, TrainingSetCommand } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { aucOf, findLeakage } from './leakage-rules.js';
import { evolve, type TrainingSetEvent, type TrainingSetState } from './state.js';

type Decision = readonly TrainingSetEvent[] | Refusal<Code>;

export const trainingSet: Decider<TrainingSetState, TrainingSetCommand, TrainingSetEvent, Code> = {
  category: 'training-set',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: TrainingSetCommand, state: TrainingSetState): Decision {
  switch (command.type) {
    case 'RequestTrainingSet':
      return request(command, state);
    case 'JudgeLeakage':
      return judge(command, state);
    case 'RecordBuilt':
      if (state.status === 'checked') return [{ type: 'cairn.features.v1.TrainingSetBuilt', data: command.data }];
      return state.status === 'requested' ? refuse('LEAKAGE_NOT_CHECKED', 'It is built only after its features were checked for leakage.') : over(state);
    case 'RecordFailure':
      if (state.status !== 'requested' && state.status !== 'checked') return over(state);
      return [{ type: 'cairn.features.v1.TrainingSetFailed', data: command.data }];
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}

function request({ data }: RequestTrainingSet, state: TrainingSetState): Decision {
  if (state.status !== 'none') return refuse('TRAINING_SET_EXISTS', 'A training set with this id was requested before.');
  if (!data.certified) return refuse('NOT_CERTIFIED', 'A training set is built from certified (golden) dataset versions only; certify them in the catalog.');
  // Both are RFC 3339 in UTC and of one length, so that their order as texts is their order in time.
  if (data.request.from >= data.request.to) return refuse('EMPTY_RANGE', 'The range must begin before it ends.');
  return [{ type: 'cairn.features.v1.TrainingSetRequested', data: data.request }];
}

function judge({ data }: JudgeLeakage, state: TrainingSetState): Decision {
  if (state.status !== 'requested') return over(state);
  const { trainingSetId, measurements } = data;
  const rowsChecked = BigInt(data.rowsChecked);
  const findings = findLeakage(measurements, data.rowsChecked);
  if (findings.length > 0) return [{ type: 'cairn.features.v1.LeakageFound', data: { trainingSetId, findings, rowsChecked } }];
  const features = measurements.map((measured) => ({ feature: measured.feature, auc: aucOf(measured) }));
  return [{ type: 'cairn.features.v1.LeakageCheckPassed', data: { trainingSetId, rowsChecked, features } }];
}

function over(state: TrainingSetState): Refusal<Code> {
  if (state.status === 'none') return refuse('TRAINING_SET_NOT_FOUND', 'No training set has this id.');
  return refuse('ALREADY_DECIDED', `This training set is ${state.status} already.`);
}
