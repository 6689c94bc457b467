import type { Problem } from '../api.js';
import { DEPLOYMENT, MODEL, type Demo } from '../context.js';
import { hold, until } from '../expectation.js';
import type { Replay } from '../replay.js';
import type { Candidate } from './experiment.js';

interface Rollout {
  readonly rollout_id: string;
  readonly stage: string;
  readonly status: string;
  readonly proofs: readonly { readonly replica_id: string; readonly digest: string; readonly proved: boolean; readonly golden_max_difference?: number }[];
}

interface Position {
  readonly position: string;
}

export interface RolledOut {
  /** The log's size just before the canary began. */
  readonly beforeCanary: string;
}

const REPLICAS = 2;
const MINIMUM_REQUESTS = 10;
/** A stage that is still inconclusive after so many days of requests is stuck. */
const MAX_STAGE_DAYS = 6;

export async function deployStep({ ana, out, features }: Demo, fallback: number): Promise<void> {
  await ana.post('/serving/v1/deployments', { name: DEPLOYMENT, model_name: MODEL, replicas: REPLICAS, fallback_value: fallback });
  out.say(
    `Deployment ${DEPLOYMENT}: ${REPLICAS} replicas, ${features.feature_service.features.length} features; until a version is live it answers the base rate ${fallback.toFixed(3)}`,
  );
}

/** Shadow, canary, full, complete. Each stage is left only after it was judged on real requests; `playDay` makes them. */
export async function rolloutStep(demo: Demo, candidate: Candidate, replay: Replay, nextDay: () => number): Promise<RolledOut> {
  const { ana, out } = demo;
  const path = `/serving/v1/deployments/${DEPLOYMENT}/rollouts`;
  const { rollout_id } = await ana.post<Rollout>(path, { version_id: candidate.versionId, canary_weight: 0.2, minimum_requests: MINIMUM_REQUESTS });
  const early = await ana.send<{ code: string }>('POST', `${path}/${rollout_id}/advance`);
  hold(early.status === 422, 'the shadow stage was left before a single request had been compared');
  out.refused(`Shadow can't be left yet: ${early.body.code}`);
  let beforeCanary = '';
  for (const next of ['canary', 'full', 'completed']) {
    if (next === 'completed') await showProofs(demo, `${path}/${rollout_id}`);
    const position = await leaveStage(demo, `${path}/${rollout_id}`, next, () => replay.playDay(nextDay()));
    if (next === 'canary') beforeCanary = position;
  }
  return { beforeCanary };
}

/** Plays days until the stage was judged on enough requests. Answers the log's size before the next stage began. */
async function leaveStage({ ana, out }: Demo, rolloutPath: string, next: string, playDay: () => Promise<void>): Promise<string> {
  for (let day = 1; ; day += 1) {
    await playDay();
    const { position } = await ana.get<Position>('/lineage/v1/log/size');
    const { status, body } = await ana.send<Rollout & Problem>('POST', `${rolloutPath}/advance`);
    if (status === 200) {
      hold(body.stage === next || body.status === next, `the rollout is ${body.status} in stage ${body.stage}, not ${next}`);
      out.good(`Rollout: ${next}, after ${day} ${day === 1 ? 'day' : 'days'} of requests`);
      return position;
    }
    hold(body.code === 'STAGE_NOT_PASSED' && day < MAX_STAGE_DAYS, `the rollout can't go on to ${next}: ${body.detail ?? status}`);
  }
}

async function showProofs({ ana, out }: Demo, rolloutPath: string): Promise<void> {
  const proved = await until('the proof of every replica', async () => {
    const rollout = await ana.get<Rollout>(rolloutPath);
    return rollout.proofs.filter((proof) => proof.proved).length >= REPLICAS ? rollout : undefined;
  });
  for (const proof of proved.proofs)
    out.detail(`${proof.replica_id} runs ${proof.digest.slice(0, 19)}…, golden answer off by ${(proof.golden_max_difference ?? NaN).toExponential(1)}`);
}
