import type { EnvReader } from '@cairn/service';
import { readTlsFiles, type TlsFiles } from './grpc/tls.js';
import { DEFAULT_BODY_TIMEOUT_SECONDS, DEFAULT_MAX_BODY_BYTES, DEFAULT_MAX_JSON_BYTES, type V2Limits } from './v2/limits.js';

const MIB = 1024 * 1024;

export interface ServingSettings {
  /** A segment of the inference log is sealed when it has this many rows, */
  readonly segmentRows: number;
  /** or when its first row is this old. */
  readonly segmentAgeSeconds: number;
  /** Of predictions that may wait on disk for the object store before requests are refused with 503. */
  readonly spoolBytes: number;
  /** Requests that wait for one replica before others are refused with 503. */
  readonly replicaQueue: number;
  /** Within which the feature store has to answer. */
  readonly featureTimeoutMs: number;
  /** Of gRPC; undefined: 5016, or any free port where HTTP takes any. */
  readonly grpcPort: number | undefined;
  /** Of gRPC; undefined: without TLS. */
  readonly grpcTls: TlsFiles | undefined;
  /** Of this process among the replicas; undefined: from the machine's name and the port. */
  readonly replicaName: string | undefined;
  /** Of requests, whichever way they come. */
  readonly limits: V2Limits;
}

export function readServingSettings(env: EnvReader): ServingSettings {
  return {
    segmentRows: env.integer('CAIRN_SERVING_SEGMENT_ROWS', { fallback: 65_536, min: 1, max: 1_000_000 }),
    segmentAgeSeconds: env.integer('CAIRN_SERVING_SEGMENT_AGE_SECONDS', { fallback: 60, min: 1, max: 86_400 }),
    spoolBytes: MIB * env.integer('CAIRN_SERVING_SPOOL_MIB', { fallback: 1_024, min: 1, max: 1_024 * 1_024 }),
    replicaQueue: env.integer('CAIRN_SERVING_REPLICA_QUEUE', { fallback: 64, min: 1, max: 1_024 }),
    featureTimeoutMs: env.integer('CAIRN_SERVING_FEATURE_TIMEOUT_MS', { fallback: 1_000, min: 10, max: 60_000 }),
    grpcPort: env.optional('CAIRN_SERVING_GRPC_PORT') === undefined ? undefined : env.integer('CAIRN_SERVING_GRPC_PORT', { fallback: 0, min: 0, max: 65_535 }),
    grpcTls: readTlsFiles(env),
    replicaName: env.optional('CAIRN_REPLICA_NAME'),
    limits: {
      maxBodyBytes: env.integer('CAIRN_SERVING_MAX_BODY_BYTES', { fallback: DEFAULT_MAX_BODY_BYTES, min: 1_024, max: 1_024 * MIB }),
      maxJsonBytes: env.integer('CAIRN_SERVING_MAX_JSON_BYTES', { fallback: DEFAULT_MAX_JSON_BYTES, min: 1_024, max: 64 * MIB }),
      bodyTimeoutMs: 1_000 * env.integer('CAIRN_SERVING_BODY_TIMEOUT_SECONDS', { fallback: DEFAULT_BODY_TIMEOUT_SECONDS, min: 1, max: 3_600 }),
    },
  };
}
