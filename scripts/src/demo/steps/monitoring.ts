import { DEPLOYMENT, EXPERIMENT, MODEL, MONITOR, type Demo } from '../context.js';
import { hold, until } from '../expectation.js';
import type { Replay } from '../replay.js';
import type { Catalog } from './catalog.js';
import { candidateOf, type Candidate, type Job } from './experiment.js';
import type { TrainingSet } from './features.js';

interface Incident {
  readonly incident_id: string;
  readonly status: string;
  readonly sentence: string;
}

interface Window {
  readonly window_start: string;
  readonly verdict: string;
  readonly labelled: number;
  readonly label_rate: number;
  readonly auc: number | null;
  readonly prediction_psi: number;
  readonly feature_psi: Readonly<Record<string, number>>;
}

interface Page<Item> {
  readonly items: readonly Item[];
}

const THRESHOLDS = {
  feature_psi: 0.5,
  prediction_psi: 2,
  label_rate_change: 0.15,
  minimum_auc: 0.65,
  minimum_labels: 2_000,
  consecutive_windows: 2,
  window_days: 7,
};

/** Declares what is normal, and what is to happen when it no longer is. */
export async function monitorStep({ ana, out, features }: Demo, training: TrainingSet, { first, second }: Catalog): Promise<void> {
  await ana.post('/monitoring/v1/monitors', {
    name: MONITOR,
    deployment: DEPLOYMENT,
    reference_training_set_id: training.training_set_id,
    reference_digest: training.digest,
    features: features.feature_service.features.map(({ column }) => column),
    thresholds: THRESHOLDS,
  });
  await ana.post('/scheduler/v1/triggers', {
    name: 'retrain-flight-delay',
    on: 'incident-opened',
    monitor: MONITOR,
    job: {
      name: 'retrain-logistic',
      program: 'flight-delay',
      arguments: [
        '--retrain-dataset-version',
        second.version_id,
        '--retrain-history',
        first.version_id,
        '--retrain-from',
        '2001-04-01T00:00:00Z',
        '--experiment',
        EXPERIMENT,
        '--model',
        'logistic',
        '--register',
        MODEL,
        '--feature-service',
        features.feature_service.name,
        '--prediction-time',
        features.prediction_time,
        '--label',
        features.label,
      ],
      timeout_seconds: 240,
    },
  });
  out.say(
    `Monitor: weekly windows; a label rate ${THRESHOLDS.label_rate_change * 100} % off the training set’s, two weeks in a row, opens an incident, and that retrains`,
  );
}

/** Plays days until an incident has opened, or none is left. */
export async function playUntilIncident(demo: Demo, replay: Replay, days: number[], onDay: () => void): Promise<Incident> {
  for (let day = days.shift(); day !== undefined; day = days.shift()) {
    await replay.playDay(day);
    await weekJudged(demo, day);
    onDay();
    const { items } = await demo.ana.get<Page<Incident>>('/monitoring/v1/incidents');
    const open = items.find(({ status }) => status === 'open');
    if (open !== undefined) return open;
  }
  return until('an incident', async () => (await demo.ana.get<Page<Incident>>('/monitoring/v1/incidents')).items[0], 60);
}

const DAY_MS = 86_400_000;
const JUDGED_DEADLINE_SECONDS = 20;

/**
 * The replay is faster than time: on a Monday, when the last labels of a week have come, it waits for the week to be judged, as a day would. A week in which
 * no model answered is never judged; nothing is wrong with that.
 */
export async function weekJudged({ ana }: Demo, day: number): Promise<void> {
  if (new Date(day).getUTCDay() !== 1) return;
  const start = new Date(day - THRESHOLDS.window_days * DAY_MS).toISOString().slice(0, 10);
  const judged = until(
    'the judgement of a week',
    async () => {
      const { items } = await ana.get<Page<Window>>(`/monitoring/v1/monitors/${MONITOR}/windows`);
      return items.find(({ window_start }) => window_start.startsWith(start));
    },
    JUDGED_DEADLINE_SECONDS,
  );
  await judged.catch(() => undefined);
}

/** The incident alone made the scheduler train a new version. */
export async function retrainedVersion(demo: Demo, incident: Incident): Promise<Candidate> {
  const job = await until(
    'the triggered retraining',
    async () => {
      const { items } = await demo.ana.get<Page<Job>>('/scheduler/v1/jobs');
      return items.find(({ triggered_by, status }) => triggered_by === incident.incident_id && !['queued', 'running'].includes(status));
    },
    240,
  );
  return candidateOf(demo, job, 'retrained logistic');
}

export async function showWindows({ ana, out }: Demo): Promise<readonly Window[]> {
  const { items } = await ana.get<Page<Window>>(`/monitoring/v1/monitors/${MONITOR}/windows`);
  out.say('week of      labelled   late   AUC     PSI of predictions, worst feature   verdict');
  for (const window of items) {
    const worst = Object.entries(window.feature_psi).sort((a, b) => b[1] - a[1])[0];
    const drift = `${window.prediction_psi.toFixed(3)}, ${worst?.[0] ?? ''} ${(worst?.[1] ?? 0).toFixed(3)}`;
    out.detail(
      `${window.window_start.slice(0, 10)}  ${String(window.labelled).padStart(9)}  ${(window.label_rate * 100).toFixed(1).padStart(4)} %  ` +
        `${(window.auc ?? NaN).toFixed(3)}  ${drift.padEnd(36)} ${window.verdict}`,
    );
  }
  hold(items.length > 0, 'no window was judged');
  return items;
}
