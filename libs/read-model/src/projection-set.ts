import type { StoredEvent } from '@cairn/event-store';
import type { QueryRunner } from 'typeorm';
import { inBatchTransaction } from './batch-transaction.js';
import type { EntityClass, Projection } from './projection.js';
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
  async apply(runner: QueryRunner, events: readonly StoredEvent[], next: bigint): Promise<void> {
    const batch = events.map((event) => toRecorded(event));
    await inBatchTransaction(runner, next, async (from, manager) => {
      for (const { projection, types } of this.wanted) {
        const own = batch.filter(({ event, position }) => position >= from && types.has(event.type));
        if (own.length > 0) await projection.apply(own, manager);
      }
    });
  }
}
