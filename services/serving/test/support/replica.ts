import { EnvReader, type Logger } from '@cairn/service';
import { tempDir } from '@cairn/testing';
import { pino } from 'pino';
import { readReplicaConfig } from '../../src/replicas/process/config.js';
import { startReplica, type RunningReplica } from '../../src/replicas/process/start-replica.js';
import type { Serving } from './serving.js';

const silent: Logger = pino({ level: 'silent' });

export interface ReplicaOptions {
  readonly natsUrl: string;
  readonly name: string;
  /** That of a start before, for one that comes back. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface TestReplica extends RunningReplica {
  readonly dataDir: string;
  infer(name: string, rows: readonly (readonly number[])[], more?: object): Promise<{ readonly status: number; readonly body: { [field: string]: unknown } }>;
}

/** A replica as its process would run it, with the object store of a serving service and nothing else of it. */
export async function startTestReplica(serving: Serving, { natsUrl, name, dataDir = tempDir('replica'), env = {} }: ReplicaOptions): Promise<TestReplica> {
  const environment = {
    CAIRN_PORT: '0', CAIRN_NATS_URL: natsUrl, CAIRN_OBJECT_STORE_URL: serving.running.parts.config.objectStoreUrl, CAIRN_DATA_DIR: dataDir, CAIRN_REPLICA_NAME: name, ...env,
  };
  const replica = await startReplica(readReplicaConfig(new EnvReader(environment), environment), silent);
  return {
    ...replica,
    dataDir,
    infer: async (model, rows, more = {}) => {
      const inputs = [{ name: 'features', shape: [rows.length, rows[0]?.length ?? 0], datatype: 'FP32', data: rows }];
      const response = await fetch(`${replica.url}/v2/models/${model}/infer`, { method: 'POST', body: JSON.stringify({ inputs, ...more }) });
      return { status: response.status, body: (await response.json()) as { [field: string]: unknown } };
    },
  };
}
