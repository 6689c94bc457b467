import type { DataSource } from 'typeorm';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { CommandHandler, EventStore } from '@cairn/event-store';
import type { Clock } from '@cairn/kernel';
import type { NatsLink } from '@cairn/messaging';
import type { ObjectStore } from '@cairn/object-store';
import type { ProjectionRunner } from '@cairn/read-model';
import type { Tabular } from '@cairn/tabular';
import type { ServiceConfig } from '../config/service-config.js';
import type { Readiness } from './readiness.js';

/** What a launcher that runs several services in one process opens once for all; whoever passes a part in closes it. */
export interface SharedParts {
  readonly store?: EventStore;
  readonly objectStore?: ObjectStore;
  readonly tabular?: Tabular;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly link?: NatsLink;
  /** Whether this service stands for election as relay; one candidate per process is enough. By default yes. */
  readonly relay?: boolean;
}

/** The parts that need a database; absent in a service without a schema. */
export interface StatefulParts {
  readonly store: EventStore;
  readonly dataSource: DataSource;
  readonly runner: ProjectionRunner;
  readonly commands: CommandHandler;
}

/** Everything that is injected. */
export interface Parts {
  readonly config: ServiceConfig;
  readonly settings: object;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly objectStore: ObjectStore;
  readonly tabular: Tabular;
  readonly readiness: Readiness;
  /** Undefined without NATS. */
  readonly link: NatsLink | undefined;
  readonly stateful: StatefulParts | undefined;
}
