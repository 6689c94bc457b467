/** Bytes of a whole request: Fastify answers 413 above it. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Bytes of the JSON part. Parsing is synchronous: 2 MiB of numbers take about 12 ms on a slow core, and more would hold up everybody else. */
export const MAX_JSON_BYTES = 2 * 1024 * 1024;
