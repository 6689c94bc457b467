import { DataSource } from 'typeorm';
import type { EventStore } from '@cairn/event-store';
import type { Delivery } from '../handler/delivery.js';
import { Inbox } from '../inbox.js';

/** Effects that are rows, one per handled event, without anything in the table that would stop a second one. */
export class Effects {
  readonly inbox: Inbox;
  /** How often a handler ran: more often than there are effects when events came twice. */
  runs = 0;

  private constructor(private readonly dataSource: DataSource) {
    this.inbox = new Inbox(dataSource, 'spec');
  }

  static async open(url: string): Promise<Effects> {
    const effects = await Effects.join(url);
    await effects.dataSource.query('CREATE TABLE effect (ord bigserial, event_id uuid NOT NULL)');
    return effects;
  }

  /** Where another process opened them. */
  static async join(url: string): Promise<Effects> {
    return new Effects(await new DataSource({ type: 'postgres', url }).initialize());
  }

  /** Answers whether the effect was carried out now. */
  async carryOut(delivery: Delivery): Promise<boolean> {
    this.runs += 1;
    return this.inbox.once('on-name-claimed', delivery.id, async (manager) => {
      await manager.query('INSERT INTO effect (event_id) VALUES ($1)', [delivery.id]);
    });
  }

  async ids(): Promise<string[]> {
    const rows = await this.dataSource.query<{ event_id: string }[]>('SELECT event_id FROM effect ORDER BY ord');
    return rows.map((row) => row.event_id);
  }

  async count(): Promise<number> {
    return Number((await this.dataSource.query<{ n: string }[]>('SELECT count(*) AS n FROM effect'))[0]?.n);
  }

  async clear(): Promise<void> {
    await this.dataSource.query('TRUNCATE effect');
    this.runs = 0;
  }

  close(): Promise<void> {
    return this.dataSource.destroy();
  }
}

/** Ids of all events of the log, in order. */
export async function idsOf(store: EventStore): Promise<string[]> {
  const ids: string[] = [];
  for (let from = 0n; ; ) {
    const { events, next } = await store.readRecords(from, { limit: 1_000 });
    if (events.length === 0) return ids;
    ids.push(...events.map(({ id }) => id));
    from = next;
  }
}
