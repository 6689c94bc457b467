export { EmbeddedError, type EmbeddedErrorCode } from './embedded-error.js';
export { type Nats, type NatsOptions, removeNats, startNats } from './nats/nats.js';
export { type Postgres, type PostgresOptions, removePostgres, startPostgres } from './postgres/postgres.js';
export { runApt } from './process/apt.js';
export { freePort, isPortFree } from './process/ports.js';
export { isAlive, processIdentity } from './process/process-tree.js';
