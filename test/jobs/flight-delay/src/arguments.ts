import { parseArgs } from 'node:util';
import { CHOSEN, type ModelKind } from './model.js';

/** What to learn from: sets that were built before, or new ones that end where an incident was noticed. */
export type Source =
  | { readonly kind: 'given'; readonly trainingSetId: string; readonly validationSetId: string }
  | {
      readonly kind: 'retrain';
      readonly datasetVersionId: string;
      readonly historyVersionIds: readonly string[];
      readonly featureService: string;
      readonly predictionTime: string;
      readonly label: string;
      /** RFC 3339 UTC; rows are predicted in [from, to). */
      readonly from: string;
      readonly to: string;
    };

export interface JobArguments {
  readonly source: Source;
  readonly experiment: string;
  readonly model: ModelKind;
  /** Registered model that gets the new version. */
  readonly register: string;
}

export interface JobEnvironment {
  readonly url: string;
  readonly token: string | undefined;
  /** Whoever submitted the job; said only together with a token, which is a service's. */
  readonly onBehalfOf: string | undefined;
  readonly jobId: string;
  readonly outputFile: string;
}

/** Throws an Error that names what is missing. */
export function readArguments(args: readonly string[], env: NodeJS.ProcessEnv): JobArguments {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      'training-set': text, 'validation-set': text, experiment: text, model: text, register: text, 'retrain-dataset-version': text, 'retrain-from': text,
      'feature-service': text, 'prediction-time': text, label: text, 'retrain-history': { type: 'string', multiple: true },
    },
  });
  const need = (name: Exclude<keyof typeof values, 'retrain-history'>): string => {
    const value = values[name];
    if (value === undefined) throw new Error(`--${name} is missing`);
    return value;
  };
  const model = need('model');
  if (!isModelKind(model)) throw new Error(`--model is ${model}; it must be one of ${Object.keys(CHOSEN).join(', ')}`);
  return { source: readSource(), experiment: need('experiment'), model, register: need('register') };

  function readSource(): Source {
    if (values['retrain-dataset-version'] === undefined) {
      return { kind: 'given', trainingSetId: need('training-set'), validationSetId: need('validation-set') };
    }
    const to = env['INCIDENT_WINDOW_END'];
    if (to === undefined) throw new Error('INCIDENT_WINDOW_END is missing: retraining ends where the incident was noticed');
    return {
      kind: 'retrain',
      datasetVersionId: need('retrain-dataset-version'),
      historyVersionIds: values['retrain-history'] ?? [],
      featureService: need('feature-service'),
      predictionTime: need('prediction-time'),
      label: need('label'),
      from: need('retrain-from'),
      to,
    };
  }
}

export function readEnvironment(env: NodeJS.ProcessEnv): JobEnvironment {
  const url = env['CAIRN_URL'];
  const outputFile = env['CAIRN_JOB_OUTPUT'];
  if (url === undefined || outputFile === undefined) throw new Error('CAIRN_URL and CAIRN_JOB_OUTPUT are set by the scheduler; start this as a job');
  return { url, token: env['CAIRN_TOKEN'], onBehalfOf: env['CAIRN_ON_BEHALF_OF'], jobId: env['CAIRN_JOB_ID'] ?? '', outputFile };
}

function isModelKind(text: string): text is ModelKind {
  return Object.hasOwn(CHOSEN, text);
}
