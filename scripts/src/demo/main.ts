import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { Api } from './api.js';
import { DemoConsole } from './console.js';
import { readFlightFeatures, scriptsFolder } from './context.js';
import { StepFailed } from './expectation.js';
import type { StackAnswer, StackRequest } from './stack-process.js';
import { walk, type Walked } from './walk.js';

/** Every n-th flight of April to June is replayed: all 1.5 million, or about 60,000. */
const REPLAY_EVERY = 1;
const SHORT_REPLAY_EVERY = 25;

const options = new Command('demo')
  .description('Walks three million real flights once around the loop: data, features, training, gates, rollout, monitoring, retraining, lineage, proof.')
  .option('--json', 'print the summary as one JSON object on the last line')
  .option('--short', 'replay fewer flights')
  .option('--keep', 'keep the data folder afterwards and say where it is')
  .parse()
  .opts<{ json?: boolean; short?: boolean; keep?: boolean }>();

const out = new DemoConsole();
const dataDir = await mkdtemp(join(tmpdir(), 'cairn-demo-'));
let stack: ChildProcess | undefined;
process.once('SIGINT', () => {
  stack?.kill('SIGTERM');
  process.exitCode = 130;
});

try {
  const tokens = { ana: newToken(), ben: newToken() };
  out.say('Starting PostgreSQL, nats-server and nine services …');
  const started = await startStackProcess(tokens);
  stack = started.child;
  out.say(`Up after ${out.elapsedSeconds().toFixed(1)} s at ${started.gatewayUrl}`);
  const walked = await walk({
    ana: new Api(started.gatewayUrl, tokens.ana),
    ben: new Api(started.gatewayUrl, tokens.ben),
    out,
    features: readFlightFeatures(),
    replayEvery: options.short === true ? SHORT_REPLAY_EVERY : REPLAY_EVERY,
  });
  showSummary(walked);
} catch (error) {
  const sentence = error instanceof StepFailed ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(`\n   ✘ ${sentence}`);
  if (options.json === true) console.log(JSON.stringify({ ok: false, failure: error instanceof Error ? error.message : String(error) }));
  process.exitCode = 1;
} finally {
  await stopStack(stack);
  if (options.keep === true) console.log(`Data kept in ${dataDir}`);
  else await rm(dataDir, { recursive: true, force: true });
}

async function startStackProcess(tokens: Record<string, string>): Promise<{ child: ChildProcess; gatewayUrl: string }> {
  const programs = join(dataDir, 'programs.json');
  await writeFile(programs, JSON.stringify({ 'flight-delay': resolve(scriptsFolder, '../test/jobs/flight-delay/dist/train.js') }));
  const child = fork(join(import.meta.dirname, 'stack-process.js'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const request: StackRequest = { dataDir, tokens, env: { CAIRN_SCHEDULER_PROGRAMS: programs } };
  child.send(request);
  const answer = await new Promise<StackAnswer>((answered, failed) => {
    child.once('message', (message) => answered(message as StackAnswer));
    child.once('exit', (code) => failed(new Error(`the stack ended before it was up (exit code ${String(code)})`)));
  });
  if ('failure' in answer) throw new StepFailed(answer.failure);
  return { child, gatewayUrl: answer.gatewayUrl };
}

async function stopStack(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null) return;
  const gone = new Promise((ended) => child.once('exit', ended));
  child.kill('SIGTERM');
  await gone;
}

function showSummary({ summary, eventsBySource, predictions, labels }: Walked): void {
  const seconds = out.elapsedSeconds();
  out.chapter('Summary');
  for (const [source, count] of [...eventsBySource].sort((a, b) => b[1] - a[1])) out.detail(`${source.padEnd(22)} ${String(count).padStart(6)} events`);
  out.say(
    `${summary.events.toLocaleString('en')} events, ${(summary.events / seconds).toFixed(1)} per second over the whole walk; ` +
      `${predictions.toLocaleString('en')} predictions, ${labels.toLocaleString('en')} labels`,
  );
  out.say(
    `Versions that went live: ${summary.models.join(', ')}; AUC ${summary.auc.v1.toFixed(4)} and ${summary.auc.v2.toFixed(4)}; incidents: ${summary.incidents}`,
  );
  out.good(
    `Replay identical, root verified, tampering found at event ${summary.tamperDetectedAt}, ${summary.lineageHops} hops from a prediction to its data; ${seconds.toFixed(0)} s`,
  );
  if (options.json === true) console.log(JSON.stringify({ ...summary, seconds: Math.round(seconds) }));
}

function newToken(): string {
  return randomBytes(24).toString('base64url');
}
