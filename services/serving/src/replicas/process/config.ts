import { EnvReader, readEdgeConfig, type EdgeConfig, type Environment } from '@cairn/service';
import { readServingSettings, type ServingSettings } from '../../config.js';

const DEFAULT_PORT = 5106;
const DEFAULT_GRPC_PORT = 5116;

export interface ReplicaConfig extends EdgeConfig {
  readonly natsUrl: string;
  readonly serving: ServingSettings & { readonly grpcPort: number };
}

/** As services read theirs, without a database, and NATS must be named: a replica learns its work there. */
export function readReplicaConfig(env: EnvReader, environment: Environment): ReplicaConfig {
  const edge = readEdgeConfig(env, environment, DEFAULT_PORT);
  const natsUrl = env.url('CAIRN_NATS_URL', ['nats:', 'tls:']);
  const serving = readServingSettings(env);
  const grpcPort = serving.grpcPort ?? (edge.port === 0 ? 0 : DEFAULT_GRPC_PORT);
  return { ...edge, natsUrl, serving: { ...serving, grpcPort } };
}

/** From the environment of this process. Throws ConfigError with all problems. */
export function replicaConfig(): ReplicaConfig {
  const env = new EnvReader(process.env);
  const config = readReplicaConfig(env, process.env);
  env.done();
  return config;
}
