import { join } from 'node:path';
import { Registry } from 'prom-client';
import { CommandHandler, PostgresEventStore, PostgresSnapshotStore } from '@cairn/event-store';
import { SystemClock, type Clock } from '@cairn/kernel';
import { openObjectStore } from '@cairn/object-store';
import { openReadModel, ProjectionRunner } from '@cairn/read-model';
import { Tabular } from '@cairn/tabular';
import type { Logger } from 'pino';
import type { ServiceConfig } from '../config/service-config.js';
import { createLogger } from '../observability/logger.js';
import { MeteredEventStore } from '../observability/metered-event-store.js';
import { watchProjections } from '../observability/metrics.js';
import type { ServiceSpec } from '../service-spec.js';
import type { Closing } from './closing.js';
import type { Parts, SharedParts, StatefulParts } from './parts.js';

/** What is opened before the application is made. */
export interface OpenedParts {
  readonly logger: Logger;
  readonly registry: Registry;
  readonly clock: Clock;
}

/** Connections of one process to the log: appends go through one, reads and followers share the others. */
const STORE_POOL_SIZE = 3;

export function openObservability(spec: ServiceSpec, config: ServiceConfig, shared: SharedParts): OpenedParts {
  const logger = shared.logger?.child({ service: spec.name }) ?? createLogger(spec.name, config.logLevel);
  return { logger, registry: new Registry(), clock: shared.clock ?? new SystemClock() };
}

/** Opens what was not passed in, and notes in `closing` how to close it. The schema is up to date afterwards; the runner stands still. */
export async function openStateful(
  spec: ServiceSpec,
  config: ServiceConfig,
  { logger, registry, clock, objectStore }: OpenedParts & Pick<Parts, 'objectStore'>,
  shared: SharedParts,
  closing: Closing,
): Promise<StatefulParts | undefined> {
  if (spec.schema === undefined) return undefined;
  const opened = shared.store ?? closing.onClose(await PostgresEventStore.open({ url: config.databaseUrl, poolSize: STORE_POOL_SIZE, clock, archive: { objects: objectStore } }));
  const store = new MeteredEventStore(opened, registry);
  const projections = (spec.projections ?? []).map((Class) => new Class());
  const dataSource = await openReadModel({
    url: config.databaseUrl,
    schema: spec.schema,
    entities: [...projections.flatMap(({ entities }) => entities), ...(spec.entities ?? [])],
    migrations: spec.migrations ?? [],
  });
  closing.add(() => dataSource.destroy());
  const runner = new ProjectionRunner({ store, dataSource, schema: spec.schema, projections, logger });
  closing.add(() => runner.stop());
  watchProjections(registry, runner, store);
  const snapshots = {
    store: closing.onClose(new PostgresSnapshotStore(config.databaseUrl)),
    onFailure: (error: unknown) => logger.warn({ err: error }, 'a snapshot was not found or saved; streams are folded from further back'),
  };
  return { store, dataSource, runner, commands: new CommandHandler(store, `/${spec.name}`, runner, snapshots) };
}

export async function openFiles(spec: ServiceSpec, config: ServiceConfig, shared: SharedParts, closing: Closing) {
  return {
    objectStore: shared.objectStore ?? closing.onClose(await openObjectStore(config.objectStoreUrl)),
    tabular: shared.tabular ?? closing.onClose(await Tabular.start({ directory: join(config.dataDir, 'tabular', spec.name) })),
  };
}
