import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface AttemptSpec {
  /** Path of a Node module, from the configured list of programs. */
  readonly modulePath: string;
  readonly arguments: readonly string[];
  /** The whole environment of the child: nothing is inherited but what stands here. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
}

export type AttemptOutcome =
  | { readonly ok: true; readonly durationMs: bigint; readonly outputs: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly durationMs: bigint; readonly exitCode: number; readonly reason: string };

/** Exit code of an attempt that a signal ended. */
export const KILLED = -1;
/** Of what the child printed, the last bytes are kept as the reason of a failure. */
const OUTPUT_TAIL_BYTES = 2_000;
const OUTPUTS_LIMIT_BYTES = 16_384;
const KILL_GRACE_MS = 5_000;

/** Runs one child process to its end. Aborting `signal` ends it: SIGTERM, then SIGKILL. */
export async function runAttempt(spec: AttemptSpec, signal: AbortSignal): Promise<AttemptOutcome> {
  const directory = await mkdtemp(join(tmpdir(), 'cairn-job-'));
  const outputFile = join(directory, 'outputs.json');
  const startedAt = process.hrtime.bigint();
  const elapsedMs = (): bigint => (process.hrtime.bigint() - startedAt) / 1_000_000n;
  try {
    const { code, tail, endedBy } = await waitForChild(spec, outputFile, signal);
    if (code !== 0) {
      const reason = endedBy ?? (tail === '' ? `exit code ${code}` : tail);
      return { ok: false, durationMs: elapsedMs(), exitCode: code, reason };
    }
    const outputs = await readOutputs(outputFile);
    return typeof outputs === 'string'
      ? { ok: false, durationMs: elapsedMs(), exitCode: code, reason: outputs }
      : { ok: true, durationMs: elapsedMs(), outputs };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface ChildEnd {
  readonly code: number;
  readonly tail: string;
  readonly endedBy: string | undefined;
}

function waitForChild(spec: AttemptSpec, outputFile: string, signal: AbortSignal): Promise<ChildEnd> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [spec.modulePath, ...spec.arguments], {
      env: { ...spec.environment, CAIRN_JOB_OUTPUT: outputFile },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let tail = '';
    let endedBy: string | undefined;
    const keepTail = (chunk: Buffer): void => {
      tail = (tail + chunk.toString('utf8')).slice(-OUTPUT_TAIL_BYTES);
    };
    child.stdout.on('data', keepTail);
    child.stderr.on('data', keepTail);

    let killTimer: NodeJS.Timeout | undefined;
    const end = (why: string): void => {
      endedBy ??= why;
      child.kill('SIGTERM');
      killTimer ??= setTimeout(() => child.kill('SIGKILL'), KILL_GRACE_MS);
    };
    const timeout = setTimeout(() => end(`ran longer than ${spec.timeoutSeconds} s`), spec.timeoutSeconds * 1000);
    const onAbort = (): void => end(String(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();

    const finish = (code: number, failure?: string): void => {
      clearTimeout(timeout);
      clearTimeout(killTimer);
      signal.removeEventListener('abort', onAbort);
      resolve({ code, tail: tail.trim(), endedBy: endedBy ?? failure });
    };
    child.once('error', (error) => finish(KILLED, `could not be started: ${error.message}`));
    child.once('close', (code, by) => finish(code ?? KILLED, by === null ? undefined : `ended by ${by}`));
  });
}

/** A job that reports nothing succeeded all the same; one that reports nonsense did not. */
async function readOutputs(file: string): Promise<Record<string, string> | string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return {};
  }
  if (Buffer.byteLength(text) > OUTPUTS_LIMIT_BYTES) return `its outputs are larger than ${OUTPUTS_LIMIT_BYTES} bytes`;
  try {
    const parsed: unknown = JSON.parse(text);
    if (isTextRecord(parsed)) return parsed;
  } catch {
    // Falls through: the sentence is the same for text that is no JSON and JSON of another shape.
  }
  return 'its outputs are not a JSON object of texts';
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((item) => typeof item === 'string');
}
