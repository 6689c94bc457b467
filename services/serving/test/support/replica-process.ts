import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort } from '@cairn/embedded';
import { tempDir, waitUntil } from '@cairn/testing';
import type { Serving } from './serving.js';

const MAIN = fileURLToPath(new URL('../../dist/replicas/process/main.js', import.meta.url));

export interface ReplicaProcess {
  readonly url: string;
  /** Resolves when it is ready; again after a `kill`. */
  start(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Without a warning. */
  kill(): Promise<void>;
  /** Answers the exit code of an orderly end. */
  stop(): Promise<number | null>;
}

/** A replica as an operator runs it: node and a file. */
export async function replicaProcess(serving: Serving, natsUrl: string, name: string): Promise<ReplicaProcess> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: build first (npm run build).`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env, CAIRN_PORT: String(port), CAIRN_SERVING_GRPC_PORT: '0', CAIRN_NATS_URL: natsUrl, CAIRN_OBJECT_STORE_URL: serving.running.parts.config.objectStoreUrl,
    CAIRN_DATA_DIR: tempDir('replica'), CAIRN_REPLICA_NAME: name, CAIRN_LOG_LEVEL: 'warn',
  };
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return ending?.exitCode ?? null;
    const ended = once(ending, 'exit') as Promise<[number | null]>;
    ending.kill(signal);
    return (await ended)[0];
  };
  return {
    url,
    start: async () => {
      const started = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      let said = '';
      for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString('utf8')}`.slice(-4_000)));
      await waitUntil(`the replica ${name} is ready`, async () => {
        if (started.exitCode !== null) throw new Error(`It ended with ${started.exitCode}:\n${said}`);
        return (await fetch(`${url}/health/ready`)).ok;
      });
    },
    signal: (signal) => void child?.kill(signal),
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}
