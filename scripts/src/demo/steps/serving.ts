import { DEPLOYMENT, MODEL, type Demo } from '../context.js';
import { hold, until } from '../expectation.js';
import type { Replay } from '../replay.js';
import type { Candidate } from './experiment.js';

interface Rollout {
  readonly rollout_id: string;
  readonly stage: string;
  readonly status: string;
  readonly proofs: readonly { readonly replica_id: string; readonly digest: string; readonly golden_max_difference: number }[];
}

interface Position {
  readonly position: string;
}

export interface RolledOut {
  /** The log's size just before the canary began. */
  readonly beforeCanary: string;
}

const REPLICAS = 2;
const MINIMUM_REQUESTS = 20;

export async function deployStep({ ana, out, features }: Demo, fallback: number): Promise<void> {
  await ana.post('/serving/v1/deployments', { name: DEPLOYMENT, model_name: MODEL, replicas: REPLICAS, fallback_value: fallback });
  out.say(`Deployment ${DEPLOYMENT}: ${REPLICAS} replicas, ${features.feature_service.features.length} features; until a version is live it answers the base rate ${fallback.toFixed(3)}`);
}

/** Shadow, canary, full, complete. Each stage is left only after it was judged on real requests; `playDay` makes them. */
export async function rolloutStep(demo: Demo, candidate: Candidate, replay: Replay, nextDay: () => number): Promise<RolledOut> {
  const { ana, out } = demo;
  const path = `/serving/v1/deployments/${DEPLOYMENT}/rollouts`;
  const { rollout_id } = await ana.post<Rollout>(path, { version_id: candidate.versionId, canary_weight: 0.2, minimum_requests: MINIMUM_REQUESTS });
  const early = await ana.send<{ code: string }>('POST', `${path}/${rollout_id}/advance`);
  hold(early.status === 422, 'the shadow stage was left before a single request had been compared');
  out.refused(`Shadow can't be left yet: ${early.body.code}`);
  await replay.playDay(nextDay());
  const { position: beforeCanary } = await ana.get<Position>('/lineage/v1/log/size');
  await advance(demo, path, rollout_id, 'canary');
  await replay.playDay(nextDay());
  await advance(demo, path, rollout_id, 'full');
  await replay.playDay(nextDay());
  const proved = await until('the proof of every replica', async () => {
    const rollout = await ana.get<Rollout>(`${path}/${rollout_id}`);
    return rollout.proofs.length >= REPLICAS ? rollout : undefined;
  });
  for (const proof of proved.proofs) out.detail(`${proof.replica_id} runs ${proof.digest.slice(0, 19)}…, golden answer off by ${proof.golden_max_difference.toExponential(1)}`);
  await advance(demo, path, rollout_id, 'completed');
  return { beforeCanary };
}

async function advance({ ana, out }: Demo, path: string, rolloutId: string, stage: string): Promise<void> {
  const rollout = await ana.post<Rollout>(`${path}/${rolloutId}/advance`);
  hold(rollout.stage === stage || rollout.status === stage, `the rollout is ${rollout.status} in stage ${rollout.stage}, not ${stage}`);
  out.good(`Rollout: ${stage}`);
}
