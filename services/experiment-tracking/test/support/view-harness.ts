import type { DomainEvent } from '@cairn/kernel';
import { openReadModel, type EntityClass, type Projection, type Recorded } from '@cairn/read-model';
import { createDatabase } from '@cairn/testing';
import type { DataSource } from 'typeorm';
import { service } from '../../src/app.module.js';

/** The tables of this service in a database of their own, to apply facts to without a log. */
export interface ViewHarness {
  readonly dataSource: DataSource;
  apply<Event extends DomainEvent>(projection: Projection<Event>, ...events: readonly Event[]): Promise<void>;
  close(): Promise<void>;
}

export async function openView(...entities: readonly EntityClass[]): Promise<ViewHarness> {
  const database = await createDatabase();
  const dataSource = await openReadModel({ url: database.url, schema: 'tracking', entities, migrations: service.migrations ?? [], poolSize: 1 });
  let next = 0;
  return {
    dataSource,
    apply: (projection, ...events) => dataSource.transaction((manager) => projection.apply(events.map((event) => recorded(event, next++)), manager)),
    close: async () => {
      await dataSource.destroy();
      await database.drop();
    },
  };
}

function recorded<Event extends DomainEvent>(event: Event, index: number): Recorded<Event> {
  return {
    event, id: `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`, position: BigInt(index), stream: 'run-x', revision: BigInt(index),
    time: '2001-04-01T00:00:00.000000Z', workspace: 'default', actor: { principal: 'ada' }, source: '/experiment-tracking', correlationId: 'c',
  };
}
