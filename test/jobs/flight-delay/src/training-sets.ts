import type { Source } from './arguments.js';
import type { CairnClient } from './cairn-client.js';

interface TrainingSet {
  readonly training_set_id: string;
  readonly name: string;
  readonly digest: string;
}

export interface Sets {
  readonly training: TrainingSet;
  readonly validation: TrainingSet;
}

/** The last days before an incident are kept back, to judge by. */
const VALIDATION_DAYS = 10;
const SAMPLE_EVERY = 5;
const DAY_MS = 86_400_000;

export async function trainingSets(client: CairnClient, source: Source, jobId: string): Promise<Sets> {
  if (source.kind === 'given') {
    const [training, validation] = await Promise.all([find(client, source.trainingSetId), find(client, source.validationSetId)]);
    return { training, validation };
  }
  const split = new Date(Date.parse(source.to) - VALIDATION_DAYS * DAY_MS).toISOString();
  const build = (part: string, from: string, to: string): Promise<TrainingSet> =>
    client.json('POST', '/features/v1/training-sets', {
      name: `retrain-${jobId}-${part}`,
      feature_service: source.featureService,
      dataset_version_id: source.datasetVersionId,
      history_version_ids: source.historyVersionIds,
      prediction_time: source.predictionTime,
      label: source.label,
      from,
      to,
      sample_every: SAMPLE_EVERY,
    });
  const training = await build('training', source.from, split);
  return { training, validation: await build('validation', split, source.to) };
}

function find(client: CairnClient, id: string): Promise<TrainingSet> {
  return client.json('GET', `/features/v1/training-sets/${id}`);
}
