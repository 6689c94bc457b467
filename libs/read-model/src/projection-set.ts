import type { StoredEvent } from '@cairn/event-store';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { advanceCheckpoint } from './checkpoint.js';
import type { EntityClass, Projection, Recorded } from './projection.js';
import { toRecorded } from './recorded.js';

/** All projections of a service. They advance together, in one transaction per batch. */
export class ProjectionSet {
  /** Every type that any of them wants. */
  readonly types: readonly string[];
  private readonly wanted: readonly { projection: Projection; types: ReadonlySet<string> }[];

  constructor(projections: readonly Projection[]) {
    this.wanted = projections.map((projection) => ({ projection, types: new Set<string>(projection.types) }));
    this.types = [...new Set(projections.flatMap(({ types }) => types))];
  }

  get isEmpty(): boolean {
    return this.types.length === 0;
  }

  /** Names and types of all of them, in an order of their own. */
  get description(): readonly { readonly name: string; readonly types: readonly string[] }[] {
    return this.wanted
      .map(({ projection, types }) => ({ name: projection.name, types: [...types].sort() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get entities(): readonly EntityClass[] {
    return this.wanted.flatMap(({ projection }) => projection.entities);
  }

  /**
   * Rows and checkpoint commit together. What another process has applied by now is skipped, by the checkpoint found under its lock.
   */
  async apply(dataSource: DataSource, events: readonly StoredEvent[], next: bigint): Promise<void> {
    const runner = dataSource.createQueryRunner();
    try {
      const client: ClientBase = await runner.connect();
      await runner.startTransaction();
      try {
        const from = await advanceCheckpoint(client, next);
        const batch = events.filter(({ position }) => position >= from).map((event) => toRecorded(event));
        for (const { projection, types } of this.wanted) {
          const own = batch.filter(({ event }) => types.has(event.type));
          if (own.length > 0) await projection.apply(own as readonly Recorded[], runner.manager);
        }
        await runner.commitTransaction();
      } catch (error) {
        // A connection that is gone can't roll back, and needs not: the server did. The first error is the one that tells.
        await runner.rollbackTransaction().catch(() => undefined);
        throw error;
      }
    } finally {
      await runner.release();
    }
  }
}
