import { archiveLog, EventStoreError, PostgresEventStore, type ArchiveReport, type ArchiveStep } from '@cairn/event-store';
import type { ObjectStore } from '@cairn/object-store';
import { Differs, NotDone } from '../exit.js';
import type { Gateway } from '../gateway.js';
import { openSigned } from '../log-copy/copy.js';

export interface Stores {
  readonly databaseUrl: string;
  readonly objectStoreUrl: string;
}

/**
 * Archives what is below `before`, if all of it is signed. The database must be that of the log which the gateway serves; and once the first bodies are out of it, the
 * gateway is asked for one of them, since its services may have another object store. Differs for another database and for an event that isn't what was hashed.
 */
export async function archiveSignedLog(gateway: Gateway, before: bigint, { databaseUrl, objectStoreUrl }: Stores): Promise<ArchiveReport> {
  const { size } = openSigned(await gateway.checkpoint(), await gateway.verifierKey());
  if (before > size) throw new NotDone(`The newest signed checkpoint covers ${size} events: --before is at most ${size}.`);
  const objects = await openObjects(objectStoreUrl);
  try {
    if (before > 0n) await demandSameLog(gateway, before - 1n, databaseUrl, objects);
    return await archiveLog(before, { url: databaseUrl, objects, onStep: onceReadable(gateway) });
  } catch (error) {
    if (error instanceof EventStoreError && error.code === 'INVALID_EVENT') throw new Differs(error.message, { cause: error });
    throw error;
  } finally {
    await objects.close();
  }
}

/** Loaded here: clients of every kind of object store are much to load for the other commands. */
async function openObjects(url: string): Promise<ObjectStore> {
  const { openObjectStore, ObjectStoreError } = await import('@cairn/object-store');
  try {
    return await openObjectStore(url);
  } catch (cause) {
    if (!(cause instanceof ObjectStoreError)) throw cause;
    throw new NotDone(cause.message, { cause });
  }
}

async function demandSameLog(gateway: Gateway, position: bigint, databaseUrl: string, objects: ObjectStore): Promise<void> {
  const { events } = await gateway.events(position, 1);
  const store = await PostgresEventStore.open({ url: databaseUrl, archive: { objects }, poolSize: 1 });
  try {
    const [record] = (await store.readRecords(position, { limit: 1 })).events;
    if (record?.body !== undefined && record.body === events[0]?.body) return;
    throw new Differs(`The database is not that of the log which is served: they differ at position ${position}. Nothing was archived.`);
  } finally {
    await store.close();
  }
}

/** Stops after the first bodies that the services can't read back: one object to copy then, instead of all. */
function onceReadable(gateway: Gateway): (step: ArchiveStep) => Promise<void> {
  let isReadable = false;
  return async (step) => {
    if (isReadable || step.step !== 'emptied') return;
    try {
      await gateway.events(step.upTo - 1n, 1);
    } catch (cause) {
      const remedy = 'Copy what was written to the object store that the services have, and give that as --object-store-url';
      throw new NotDone(`The services can not read what was archived, so it ends at ${step.upTo}. ${remedy}. ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
    isReadable = true;
  };
}
