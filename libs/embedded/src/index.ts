export { EmbeddedError, type EmbeddedErrorCode } from './embedded-error.js';
export { type Nats, type NatsOptions, startNats } from './nats/nats.js';
export { type Postgres, type PostgresOptions, startPostgres } from './postgres/postgres.js';
export { freePort, isPortFree } from './process/ports.js';
export { isAlive } from './process/process-tree.js';
