import { CHAMPION, MODEL, type Demo } from '../context.js';
import { hold } from '../expectation.js';
import type { Candidate } from './experiment.js';

interface Gate {
  readonly gate: string;
  readonly verdict: string;
  readonly evidence: string;
}

interface Blocked {
  readonly code: string;
  readonly gates: readonly Gate[];
}

const GATES = ['criteria-met', 'leakage-check-passed', 'data-certified', 'lineage-complete', 'signature-present', 'approved-by-another'];

/** Shows a gate that blocks, and the best version going through all of them. */
export async function registryStep(demo: Demo, candidates: readonly Candidate[]): Promise<Candidate> {
  const { ana, out } = demo;
  await ana.put(`/registry/v1/models/${MODEL}/gates`, { alias: CHAMPION, gates: GATES });
  out.say(`To be ${CHAMPION}, a version must pass: ${GATES.join(', ')}`);
  const failing = candidates.find(({ run }) => run.verdict !== 'pass');
  hold(failing !== undefined, 'there is no version to block');
  await expectBlock(demo, failing, 'criteria-met');
  const [best] = candidates.filter(({ run }) => run.verdict === 'pass').sort((a, b) => (b.run.metrics['auc'] ?? 0) - (a.run.metrics['auc'] ?? 0));
  hold(best !== undefined, 'no version meets the criteria');
  await promote(demo, best);
  return best;
}

/** Blocked until somebody else has approved; then through. */
export async function promote(demo: Demo, candidate: Candidate): Promise<void> {
  const { ana, ben, out } = demo;
  await expectBlock(demo, candidate, 'approved-by-another');
  const own = await ana.send('POST', `/registry/v1/versions/${candidate.versionId}/approve`, { alias: CHAMPION, comment: 'my own work' });
  hold(own.status >= 400 && own.status < 500, 'the author approved her own version');
  await ben.post(`/registry/v1/versions/${candidate.versionId}/approve`, { alias: CHAMPION, comment: 'criteria and data looked at' });
  await ana.post(`/registry/v1/versions/${candidate.versionId}/promote`, { alias: CHAMPION });
  out.good(`${candidate.model}: approved by ben, all gates passed, now ${CHAMPION}`);
}

async function expectBlock({ ana, out }: Demo, candidate: Candidate, gate: string): Promise<void> {
  const answer = await ana.send<Blocked>('POST', `/registry/v1/versions/${candidate.versionId}/promote`, { alias: CHAMPION });
  hold(answer.status === 422 && answer.body.code === 'GATES_NOT_PASSED', `${candidate.model} was promoted although ${gate} was not passed (${JSON.stringify(answer.body)})`);
  const blocking = answer.body.gates.filter(({ verdict }) => verdict !== 'pass');
  hold(blocking.some((result) => result.gate === gate), `${candidate.model} was blocked, but not by ${gate}: ${JSON.stringify(blocking)}`);
  for (const result of blocking) out.refused(`${candidate.model} blocked by ${result.gate} (${result.verdict}): ${result.evidence}`);
}
