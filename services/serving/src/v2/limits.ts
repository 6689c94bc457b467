export interface V2Limits {
  /** Bytes of a whole request, as it comes and when it is decompressed; 413 above it. */
  readonly maxBodyBytes: number;
  /** Bytes of the JSON part. Parsing is synchronous: 2 MiB of numbers take about 12 ms on a slow core, and more would hold up everybody else. */
  readonly maxJsonBytes: number;
  /** A body that has not come whole after so long is given up with 408. */
  readonly bodyTimeoutMs: number;
}

/** Triton's limit of a request. */
export const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024;
export const DEFAULT_MAX_JSON_BYTES = 2 * 1024 * 1024;
export const DEFAULT_BODY_TIMEOUT_SECONDS = 60;
/** Bodies of the greatest size that may be in memory at once; more are refused with 503. */
export const LARGE_BODIES_AT_ONCE = 8;
/** As in Triton. Nothing here walks deeper than a shape is long, but what nests so deep is no request. */
export const MAX_JSON_DEPTH = 100;
