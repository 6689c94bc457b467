import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tempDir, waitUntil } from '@cairn/testing';
import type { Serving } from './serving.js';

const MAIN = fileURLToPath(new URL('../../dist/replicas/process/main.js', import.meta.url));

export interface ReplicaProcess {
  /** Of the last start. */
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
export function replicaProcess(serving: Serving, natsUrl: string, name: string): ReplicaProcess {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: build first (npm run build).`);
  const env = {
    ...process.env, CAIRN_PORT: '0', CAIRN_SERVING_GRPC_PORT: '0', CAIRN_NATS_URL: natsUrl, CAIRN_OBJECT_STORE_URL: serving.running.parts.config.objectStoreUrl,
    CAIRN_DATA_DIR: tempDir('replica'), CAIRN_REPLICA_NAME: name, CAIRN_LOG_LEVEL: 'info',
  };
  let child: ChildProcess | undefined;
  let url = '';
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return ending?.exitCode ?? null;
    const ended = once(ending, 'exit') as Promise<[number | null]>;
    ending.kill(signal);
    return (await ended)[0];
  };
  return {
    get url() {
      return url;
    },
    start: async () => {
      const started = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      let said = '';
      url = '';
      for (const stream of [started.stdout, started.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          said = `${said}${chunk.toString('utf8')}`.slice(-8_000);
          url ||= /"url":"([^"]+)","msg":"listening"/.exec(said)?.[1] ?? '';
        });
      }
      await waitUntil(`the replica ${name} is ready`, async () => {
        if (started.exitCode !== null) throw new Error(`It ended with ${started.exitCode}:\n${said}`);
        return url !== '' && (await fetch(`${url}/health/ready`)).ok;
      });
    },
    signal: (signal) => void child?.kill(signal),
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}
