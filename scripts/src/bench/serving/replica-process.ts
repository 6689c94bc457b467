import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@cairn/embedded';
import type { CairnReady } from '../cairn-process.js';

export interface BenchReplica {
  readonly url: string;
  /** Host and port. */
  readonly grpc: string;
  /** Longest time in which its event loop did nothing else since the last question, in milliseconds. */
  longestGapMs(): Promise<number>;
  close(): Promise<void>;
}

const MAIN = join(import.meta.dirname, '..', '..', '..', '..', 'services', 'serving', 'dist', 'replicas', 'process', 'main.js');
const POLL_MS = 100;
/** The gauge of prom-client's default metrics, in seconds; reading it begins anew. Timers come that late at any time, so what it measures includes its own resolution. */
const GAP = /^nodejs_eventloop_lag_max_seconds (\S+)$/m;
const RESOLUTION_MS = 10;

/** A replica as an operator starts it: one more process beside the stack, which finds out by itself what to serve. Resolves when it answers for all of `models`. */
export async function startReplica({ nats, objects }: CairnReady, dataDir: string, models: readonly string[]): Promise<BenchReplica> {
  const [port, grpcPort] = [await freePort(), await freePort()];
  const env = {
    ...process.env, CAIRN_PORT: String(port), CAIRN_SERVING_GRPC_PORT: String(grpcPort), CAIRN_NATS_URL: nats, CAIRN_OBJECT_STORE_URL: objects, CAIRN_DATA_DIR: dataDir,
    CAIRN_LOG_LEVEL: 'warn',
  };
  const child: ChildProcess = spawn(process.execPath, [...process.execArgv, MAIN], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  const isReady = async (path: string): Promise<boolean> => (await fetch(`${url}${path}`).catch(() => undefined))?.ok === true;
  for (const path of ['/v2/health/ready', ...models.map((model) => `/v2/models/${model}/versions/1/ready`)]) {
    while (!(await isReady(path))) {
      if (child.exitCode !== null) throw new Error(`the replica ended with ${child.exitCode}`);
      await delay(POLL_MS);
    }
  }
  return {
    url,
    grpc: `127.0.0.1:${grpcPort}`,
    longestGapMs: async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Math.max(0, Number(GAP.exec(text)?.[1] ?? Number.NaN) * 1_000 - RESOLUTION_MS);
    },
    close: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
