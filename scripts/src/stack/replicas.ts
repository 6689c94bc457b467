import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { freePort, isPortFree } from '@cairn/embedded';

import type { Cleanup } from './cleanup.js';
import type { PortPlan } from './ports.js';
import { DEFAULT_BASE } from './ports.js';
import type { Environment } from './services.js';
import type { StackUrls } from './stack.js';

/** A process that answers predictions beside those that the serving service answers itself. */
export interface ReplicaAddress {
  readonly url: string;
  readonly port: number;
  readonly grpcPort: number;
}

export interface ReplicasOptions {
  readonly addresses: readonly ReplicaAddress[];
  readonly urls: StackUrls;
  readonly dataDir: string;
  readonly environment: Environment;
  /** Of the serving service, which they belong to. */
  readonly token: string | undefined;
}

export const MAX_REPLICAS = 16;
const OFFSET = 106;
const GRPC_OFFSET = OFFSET + MAX_REPLICAS;
const START_MS = 60_000;
const POLL_MS = 50;
const STOP_MS = 30_000;
const MAIN = join(import.meta.dirname, '..', '..', '..', 'services', 'serving', 'dist', 'replicas', 'process', 'main.js');

/** From 106 above the base on, those for gRPC behind them, or any free ones. Throws when one is taken. */
export async function replicaAddresses(count: number, plan: PortPlan): Promise<readonly ReplicaAddress[]> {
  const base = plan === 'any' ? undefined : (plan.base ?? DEFAULT_BASE);
  const addresses: ReplicaAddress[] = [];
  for (let index = 0; index < count; index += 1) {
    const [port, grpcPort] = base === undefined ? [await freePort(), await freePort()] : [base + OFFSET + index, base + GRPC_OFFSET + index];
    for (const wanted of [port, grpcPort]) {
      if (!(await isPortFree(wanted))) throw new Error(`Port ${wanted} (replica ${index + 1}) is taken by another program. Move all with --port-base <n>.`);
    }
    addresses.push({ url: `http://127.0.0.1:${port}`, port, grpcPort });
  }
  return addresses;
}

/** Resolves when all of them are ready. They read the same variables as on a machine of their own. */
export async function startReplicas({ addresses, urls, dataDir, environment, token }: ReplicasOptions, cleanup: Cleanup): Promise<void> {
  if (addresses.length > 0 && !existsSync(MAIN)) throw new Error(`Replicas are not built: ${MAIN} is missing. Run \`npm run build\`.`);
  await Promise.all(
    addresses.map(async ({ url, port, grpcPort }, index) => {
      const child = spawn(process.execPath, [MAIN], {
        env: {
          ...process.env,
          ...environment,
          CAIRN_PORT: String(port),
          CAIRN_SERVING_GRPC_PORT: String(grpcPort),
          CAIRN_REPLICA_NAME: `replica-${index + 1}`,
          CAIRN_NATS_URL: urls.nats,
          CAIRN_OBJECT_STORE_URL: urls.objects,
          CAIRN_GATEWAY_URL: urls.gateway,
          CAIRN_DATA_DIR: join(dataDir, 'services'),
          CAIRN_LOG_LEVEL: 'warn',
          ...(token === undefined ? {} : { CAIRN_SERVICE_TOKEN: token }),
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString('utf8')}`.slice(-2_000)));
      cleanup.add(async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
        child.kill('SIGTERM');
        await once(child, 'exit');
        clearTimeout(late);
      });
      for (const startedAt = performance.now(); (await fetch(`${url}/health/ready`).catch(() => undefined))?.ok !== true; await delay(POLL_MS)) {
        if (child.exitCode !== null) throw new Error(`Replica ${index + 1} ended with ${child.exitCode}: ${said.trim()}`);
        if (performance.now() - startedAt > START_MS) throw new Error(`Replica ${index + 1} is not ready after ${START_MS / 1_000} s. ${said.trim()}`);
      }
    }),
  );
}
