import type { DataSource, EntityManager } from 'typeorm';

/**
 * Remembers which events a handler has dealt with, in the transaction of the effect itself: both are there or neither.
 *
 * Its schema stands apart from the read model's, because a read model is rebuilt and swapped while the inbox can't be: no log says
 * which effects were carried out. Rows stay for ever, since a lost JetStream is rebuilt from the first event and delivers everything again.
 */
export class Inbox {
  private readonly table: string;
  private ready: Promise<void> | undefined;

  /** `serviceSchema` is the service's read-model schema; the inbox lies in `<serviceSchema>_inbox`. */
  constructor(
    private readonly dataSource: DataSource,
    serviceSchema: string,
  ) {
    this.table = `"${serviceSchema}_inbox"."handled"`;
  }

  /**
   * Runs `work` unless the handler has dealt with the event, and answers whether it ran. Two runs at the same time take turns, and the
   * second does nothing once the first has committed. When `work` throws, nothing stays.
   */
  async once(handler: string, eventId: string, work: (manager: EntityManager) => Promise<void>): Promise<boolean> {
    await this.prepare();
    return this.dataSource.transaction(async (manager) => {
      // Read models may run with synchronous_commit off; what is acknowledged must be on disk.
      const inserted: unknown[] = await manager.query(
        `INSERT INTO ${this.table} (handler, event_id) SELECT $1, $2::uuid FROM set_config('synchronous_commit', 'on', true)
         ON CONFLICT DO NOTHING RETURNING 1`,
        [handler, eventId],
      );
      if (inserted.length === 0) return false;
      await work(manager);
      return true;
    });
  }

  /** Creates schema and table when missing. Called by `once`; a failure is tried again the next time. */
  prepare(): Promise<void> {
    this.ready ??= this.create().catch((error: unknown) => {
      this.ready = undefined;
      throw error;
    });
    return this.ready;
  }

  private async create(): Promise<void> {
    const [schema = ''] = this.table.split('.');
    await this.dataSource.transaction(async (manager) => {
      // CREATE ... IF NOT EXISTS of two processes at once may fail on the catalogue's own unique index.
      await manager.query(`SELECT pg_advisory_xact_lock(hashtext('cairn inbox'))`);
      await manager.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
      await manager.query(
        `CREATE TABLE IF NOT EXISTS ${this.table} (
           handler text NOT NULL, event_id uuid NOT NULL, handled_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (handler, event_id))`,
      );
    });
  }
}
