import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CommandHandler } from '@cairn/event-store';
import { ProjectionRunner } from '@cairn/read-model';
import { CLOCK, EVENT_STORE, LOGGER, METRICS, NATS_LINK, OBJECT_STORE, SERVICE_CONFIG, SERVICE_SETTINGS, TABULAR } from './injection-tokens.js';
import type { Parts } from './parts.js';
import { Readiness } from './readiness.js';

/** Makes the opened parts injectable everywhere in one service. It opens and closes nothing itself. */
@Module({})
export class InfrastructureModule {
  static of(parts: Parts): DynamicModule {
    const { stateful } = parts;
    const providers: Provider[] = [
      { provide: SERVICE_CONFIG, useValue: parts.config },
      { provide: SERVICE_SETTINGS, useValue: parts.settings },
      { provide: LOGGER, useValue: parts.logger },
      { provide: METRICS, useValue: parts.registry },
      { provide: NATS_LINK, useValue: parts.link },
      { provide: CLOCK, useValue: parts.clock },
      { provide: OBJECT_STORE, useValue: parts.objectStore },
      { provide: TABULAR, useValue: parts.tabular },
      { provide: Readiness, useValue: parts.readiness },
    ];
    if (stateful !== undefined) {
      providers.push(
        { provide: EVENT_STORE, useValue: stateful.store },
        { provide: DataSource, useValue: stateful.dataSource },
        { provide: ProjectionRunner, useValue: stateful.runner },
        { provide: CommandHandler, useValue: stateful.commands },
      );
    }
    return { module: InfrastructureModule, global: true, providers, exports: providers };
  }
}
