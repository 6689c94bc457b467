import { EXPERIMENT, MODEL, type Demo } from '../context.js';
import { hold, until } from '../expectation.js';
import type { TrainingSets } from './features.js';

export interface Job {
  readonly job_id: string;
  readonly name: string;
  readonly status: string;
  readonly outputs: { readonly run_id?: string; readonly model_version_id?: string; readonly training_set_id?: string };
  readonly reason: string;
  readonly triggered_by: string;
}

export interface Run {
  readonly run_id: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly verdict: string;
}

export interface Candidate {
  readonly model: string;
  readonly run: Run;
  readonly versionId: string;
}

/** What a model has to reach, said before any model was trained. */
export const CRITERIA = [
  { metric: 'auc', comparison: '>=', threshold: 0.68, sample_metric: 'validation_rows', minimum_sample: 10_000 },
  { metric: 'auc', comparison: '>=', threshold: 0.02, baseline_metric: 'best_single_feature_auc' },
  { metric: 'log_loss', comparison: '<', threshold: 0, baseline_metric: 'base_rate_log_loss' },
];

const MODELS = ['single-feature', 'logistic', 'mlp'];

/** Declares the criteria, lets the scheduler train three models, and shows how each was judged. */
export async function experimentStep(demo: Demo, { training, heldOut }: TrainingSets): Promise<readonly Candidate[]> {
  const { ana, out } = demo;
  const { experiment_id } = await ana.post<{ experiment_id: string }>('/api/2.0/mlflow/experiments/create', { name: EXPERIMENT });
  await ana.post(`/tracking/v1/experiments/${experiment_id}/criteria`, { criteria: CRITERIA });
  await ana.post('/registry/v1/models', { name: MODEL, description: 'Will a flight be more than 15 minutes late?' });
  out.say('Criteria, declared before any run: AUC on held-out April of at least 0.68 and 0.02 above the best single feature; log loss below the base rate’s');

  const jobs = await Promise.all(
    MODELS.map((model) =>
      ana.post<Job>('/scheduler/v1/jobs', {
        name: `train-${model}`,
        program: 'flight-delay',
        arguments: ['--training-set', training.training_set_id, '--validation-set', heldOut.training_set_id, '--experiment', EXPERIMENT, '--model', model, '--register', MODEL],
        timeout_seconds: 240,
      }),
    ),
  );
  const bar = out.bar('training', jobs.length);
  const ended = await until('the end of all training jobs', async () => {
    const now = await Promise.all(jobs.map(({ job_id }) => ana.get<Job>(`/scheduler/v1/jobs/${job_id}`)));
    const done = now.filter(({ status }) => !['queued', 'running'].includes(status));
    bar.advance(done.length);
    return done.length === jobs.length ? now : undefined;
  }, 240);
  bar.stop();
  const candidates = await Promise.all(ended.map((job, index) => candidateOf(demo, job, MODELS[index] ?? job.name)));
  for (const { model, run } of candidates) {
    const line = `${model.padEnd(15)} AUC ${shown(run, 'auc')}, log loss ${shown(run, 'log_loss')} (base rate ${shown(run, 'base_rate_log_loss')}): criteria ${run.verdict}`;
    if (run.verdict === 'pass') out.good(line);
    else out.refused(line);
  }
  hold(candidates.some(({ run }) => run.verdict === 'pass'), 'no model met the criteria');
  hold(candidates.some(({ run }) => run.verdict !== 'pass'), 'the single-feature baseline met criteria that ask for more than a single feature');
  return candidates;
}

export async function candidateOf({ ana }: Demo, job: Job, model: string): Promise<Candidate> {
  hold(job.status === 'succeeded', `job ${job.name} ${job.status}: ${job.reason}`);
  const { run_id: runId, model_version_id: versionId } = job.outputs;
  hold(runId !== undefined && versionId !== undefined, `job ${job.name} reported no run or no model version`);
  return { model, versionId, run: await ana.get<Run>(`/tracking/v1/runs/${runId}`) };
}

function shown(run: Run, metric: string): string {
  return (run.metrics[metric] ?? NaN).toFixed(4);
}
