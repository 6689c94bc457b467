import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@cairn/embedded';

const READY_MS = 180_000;
const PAUSE_MS = 250;
const WORKERS = 4;
const SAID_LENGTH = 4_000;
/** Of each worker; by default 15 in all, which a worker under load waits for in vain. */
const CONNECTIONS = { MLFLOW_SQLALCHEMYSTORE_POOL_SIZE: '20', MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW: '10' };

/** The two ways in which `mlflow server` can be run with several workers. */
export type ServerMode = 'gunicorn' | 'uvicorn';

export interface MlflowServer {
  readonly url: string;
  /** The end of what it wrote: enough for a Python traceback. */
  said(): string;
  stop(): Promise<void>;
}

/** Starts the real server on PostgreSQL with four workers, as its documentation advises, and waits until it answers. */
export async function startMlflowServer(python: string, { mode, database, folder }: { mode: ServerMode; database: string; folder: string }): Promise<MlflowServer> {
  const port = await freePort();
  const options = mode === 'gunicorn' ? ['--gunicorn-opts', '--log-level warning'] : ['--uvicorn-opts', '--log-level warning'];
  const store = database.replace(/^postgres:/, 'postgresql+psycopg2:');
  const args = ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', String(WORKERS), '--backend-store-uri', store];
  const artifacts = ['--artifacts-destination', join(folder, 'artifacts'), '--serve-artifacts'];
  const env = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', ...CONNECTIONS };
  const child = spawn(python, [...args, ...artifacts, ...options], { stdio: ['ignore', 'pipe', 'pipe'], env, detached: true });
  let said = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-SAID_LENGTH)));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.pid !== undefined) {
      const ended = once(child, 'exit');
      // Its workers are a group of their own with it.
      process.kill(-child.pid, 'SIGTERM');
      await ended;
    }
  };
  const url = `http://127.0.0.1:${port}`;
  const endMs = performance.now() + READY_MS;
  while (!(await answers(`${url}/health`))) {
    if (child.exitCode !== null || performance.now() > endMs) {
      await stop();
      throw new Error(`mlflow server (${mode}) did not start: ${said}`);
    }
    await delay(PAUSE_MS);
  }
  return { url, said: () => said, stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
