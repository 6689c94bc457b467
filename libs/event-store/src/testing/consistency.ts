import type { AppendResult, EventStore, StoredRecord } from '../event-store.js';
import { verifyRecord } from '../record.js';

/** Reads the whole log and lists everything that breaks a promise of the store: nothing, in a sound one. */
export async function inconsistencies(store: EventStore): Promise<string[]> {
  const faults: string[] = [];
  const ids = new Set<string>();
  const heads = new Map<string, bigint>();
  let next = 0n;
  for (;;) {
    const page = await store.readRecords(next, { limit: 5_000 });
    for (const record of page.events) {
      if (record.position !== next) faults.push(`position ${record.position} instead of ${next}`);
      next = record.position + 1n;
      if (ids.has(record.id)) faults.push(`event ${record.id} twice`);
      ids.add(record.id);
      const revision = (heads.get(record.stream) ?? -1n) + 1n;
      if (record.revision !== revision) faults.push(`${record.stream} has revision ${record.revision} instead of ${revision}`);
      heads.set(record.stream, record.revision);
      if (!verifyRecord(record)) faults.push(`the record at ${record.position} does not verify`);
    }
    if (page.events.length === 0) break;
  }
  const size = await store.size();
  if (size !== next) faults.push(`size ${size}, but ${next} events`);
  return faults;
}

/** An append that was acknowledged, with the id of its last event. */
export interface Acknowledged {
  readonly id: string;
  readonly result: AppendResult;
}

/** Every acknowledged event is in the log once, where the acknowledgement said. */
export async function unkept(store: EventStore, acknowledged: readonly Acknowledged[]): Promise<string[]> {
  const records = new Map<string, StoredRecord>();
  for (let from = 0n; ; ) {
    const page = await store.readRecords(from, { limit: 5_000 });
    for (const record of page.events) records.set(record.id, record);
    if (page.next === from) break;
    from = page.next;
  }
  return acknowledged.flatMap(({ id, result }) => {
    const record = records.get(id);
    if (record === undefined) return [`acknowledged event ${id} is missing`];
    const inPlace = record.position === result.position && record.revision === result.revision && record.stream === result.stream;
    return inPlace ? [] : [`acknowledged event ${id} lies at ${record.stream} ${record.revision}, position ${record.position}`];
  });
}
