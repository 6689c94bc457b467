import type { ExceptionFilter, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { EntityClass, MigrationClass, Projection } from '@cairn/read-model';
import type { Logger } from 'pino';
import type { EnvReader } from './config/env-reader.js';

export type ServiceName =
  | 'gateway'
  | 'data-catalog'
  | 'feature-store'
  | 'experiment-tracking'
  | 'training-scheduler'
  | 'model-registry'
  | 'serving'
  | 'monitoring'
  | 'lineage';

/** What makes one service different from another; `app.module.ts` exports it as `service`. */
export interface ServiceSpec {
  readonly name: ServiceName;
  /** Title of the API document. */
  readonly title: string;
  /** Controllers, queries and policies. What the lib provides (see README) can be injected without an import. */
  readonly module: Type;
  /** PostgreSQL schema of the read model. A service without one (the gateway) gets no database, event store or projections. */
  readonly schema?: string;
  /** A projection has no constructor arguments: it depends on events and on its own tables alone. */
  readonly projections?: readonly (new () => Projection)[];
  /** Entities that no projection owns, e.g. of tables that an inbox effect fills. */
  readonly entities?: readonly EntityClass[];
  readonly migrations?: readonly MigrationClass[];
  /** Classes with `@OnEvent`. They are controllers of the module; one that is missing there stops the start. */
  readonly policies?: readonly Type[];
  /** Largest parsed request body, by default 1 MiB. Streams have no parser and no limit here. */
  readonly bodyLimitBytes?: number;
  /** Errors of their paths are theirs to shape. All others are problem details. */
  readonly protocols?: readonly ForeignProtocol[];
  /** Reads the service's own settings from the environment; what it returns is injected by `SERVICE_SETTINGS`. Problems are listed with all others. */
  readonly settings?: (env: EnvReader) => object;
  /** Makes the served API document out of the service's own; asked for every time. */
  readonly describe?: (own: OpenAPIObject, app: NestFastifyApplication) => Promise<object>;
  /** Before routes are made: content-type parsers, decorators, hooks. */
  readonly configure?: (app: NestFastifyApplication) => void | Promise<void>;
}

/** A protocol that is not ours, with errors of its own shape. */
export interface ForeignProtocol {
  /** `path` is without query, and without the prefix that names a workspace. */
  readonly covers: (path: string) => boolean;
  readonly filter: new (logger: Logger) => ExceptionFilter;
}

interface Placement {
  readonly defaultPort: number;
  /** First segment of our own paths, e.g. `/catalog/v1/…`. */
  readonly prefix: string;
}

export const placements: Readonly<Record<ServiceName, Placement>> = {
  gateway: { defaultPort: 5000, prefix: 'gateway' },
  'data-catalog': { defaultPort: 5001, prefix: 'catalog' },
  'feature-store': { defaultPort: 5002, prefix: 'features' },
  'experiment-tracking': { defaultPort: 5003, prefix: 'tracking' },
  'training-scheduler': { defaultPort: 5004, prefix: 'scheduler' },
  'model-registry': { defaultPort: 5005, prefix: 'registry' },
  serving: { defaultPort: 5006, prefix: 'serving' },
  monitoring: { defaultPort: 5007, prefix: 'monitoring' },
  lineage: { defaultPort: 5008, prefix: 'lineage' },
};
