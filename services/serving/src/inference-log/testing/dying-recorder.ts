import { DomainError, newId } from '@cairn/kernel';
import { createLogger } from '@cairn/service';
import { DEFAULT_LOGGING } from '../../deployment/domain/logging.js';
import { InferenceRecorder } from '../recorder/inference-recorder.js';

// A process that records predictions and dies by SIGKILL while more come. Arguments: the folder, the deployment's id, how many requests to keep, and rows of each. Prints the
// ids of requests that were kept, as whoever got the answer would know them.
const [directory = '', deploymentId = '', count = '1', rows = '1'] = process.argv.slice(2);

const away = async (): Promise<never> => Promise.reject(new DomainError('AWAY', 'The store is away.', 'busy'));
const recorder = new InferenceRecorder({
  ledger: { sealed: away, lost: away },
  objects: { putFile: away },
  logger: createLogger(undefined, 'silent'),
  segmentRows: 1_000,
  segmentAgeSeconds: 60,
  spoolBytes: 1024 ** 3,
  replicaName: 'dying',
  directory,
});
const owner = { workspace: 'default', deploymentId, deploymentName: 'delays', logging: DEFAULT_LOGGING };
const columns = ['distance', 'hour'];

async function answer(): Promise<void> {
  const inferenceId = newId();
  const [features, predictions] = [new Float64Array(2 * Number(rows)).fill(1), new Float64Array(Number(rows)).fill(0.5)];
  const now = Date.now();
  await recorder.record(owner, columns, { inferenceId, timeMs: now, eventTimeMs: now, versionId: '', arm: 'fallback', propensity: 1, latencyMs: 1, features, predictions });
  process.stdout.write(`${inferenceId}\n`);
}

await recorder.start();
for (let kept = 0; kept < Number(count); kept += 10) await Promise.all(Array.from({ length: Math.min(10, Number(count) - kept) }, answer));
void answer();
process.kill(process.pid, 'SIGKILL');
