import type { EnvReader } from '@cairn/service';

const MIB = 1024 * 1024;

export interface ServingSettings {
  /** A segment of the inference log is sealed when it has this many rows, */
  readonly segmentRows: number;
  /** or when its first row is this old. */
  readonly segmentAgeSeconds: number;
  /** Requests that wait for one replica before others are refused with 503. */
  readonly replicaQueue: number;
  /** Of gRPC; undefined: 5016, or any free port where HTTP takes any. */
  readonly grpcPort: number | undefined;
  /** Bytes of one message of gRPC, in and out, after it is decompressed. */
  readonly grpcMaxMessageBytes: number;
}

export function readServingSettings(env: EnvReader): ServingSettings {
  return {
    segmentRows: env.integer('CAIRN_SERVING_SEGMENT_ROWS', { fallback: 65_536, min: 1, max: 1_000_000 }),
    segmentAgeSeconds: env.integer('CAIRN_SERVING_SEGMENT_AGE_SECONDS', { fallback: 60, min: 1, max: 86_400 }),
    replicaQueue: env.integer('CAIRN_SERVING_REPLICA_QUEUE', { fallback: 64, min: 1, max: 1_024 }),
    grpcPort: env.optional('CAIRN_SERVING_GRPC_PORT') === undefined ? undefined : env.integer('CAIRN_SERVING_GRPC_PORT', { fallback: 0, min: 0, max: 65_535 }),
    grpcMaxMessageBytes: env.integer('CAIRN_SERVING_GRPC_MAX_MESSAGE_BYTES', { fallback: 64 * MIB, min: MIB, max: 1_024 * MIB }),
  };
}
