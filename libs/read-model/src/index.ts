export { openReadModel, type MigrationClass, type ReadModelOptions } from './data-source.js';
export type { EntityClass, Projection, Recorded } from './projection.js';
export { ProjectionRunner, type ProjectionRunnerOptions, type RunnerState } from './projection-runner.js';
export type { TableComparison } from './rebuild/compare-tables.js';
export type { RebuildReport } from './rebuild/rebuild.js';
export { toRecorded } from './recorded.js';
