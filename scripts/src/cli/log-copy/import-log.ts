import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { EventStoreError, importRecords, type ImportedRecord } from '@cairn/event-store';
import { verifyCopy } from '@cairn/transparency';
import { Differs, NotDone } from '../exit.js';
import { readGiven } from '../files.js';
import { checkpointFile, keyFile, openSigned, summaryOf, type CopySummary } from './copy.js';

const BATCH_EVENTS = 500;
const BATCH_CHARS = 4 * 1024 * 1024;

/**
 * Reads the file twice: first to compare its root with the signed checkpoint, then to store it, in one transaction that ends only when what was stored makes that root again.
 * Differs when it does not: then nothing is stored.
 */
export async function importLog(path: string, databaseUrl: string, givenKey?: string): Promise<CopySummary> {
  const key = givenKey ?? (await readGiven(keyFile(path)));
  const note = await readGiven(checkpointFile(path));
  const checkpoint = openSigned(note, key);
  const verdict = await verifyCopy(linesOf(path), { checkpoint: note, verifierKey: key.trim() });
  if (!verdict.verified) throw new Differs('The file is not what was exported: its events do not make the root of the checkpoint. Nothing was stored.');
  try {
    await importRecords(databaseUrl, recordsOf(path), checkpoint);
  } catch (error) {
    if (error instanceof EventStoreError && error.code === 'INVALID_EVENT') throw new Differs(`${error.message} Nothing was stored.`, { cause: error });
    throw error;
  }
  return summaryOf(checkpoint);
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path, 'utf8');
  try {
    yield* createInterface({ input: file, crlfDelay: Infinity });
  } catch (cause) {
    throw new NotDone(`The file ${path} can not be read.`, { cause });
  } finally {
    file.destroy();
  }
}

async function* recordsOf(path: string): AsyncGenerator<readonly ImportedRecord[]> {
  let batch: ImportedRecord[] = [];
  let chars = 0;
  for await (const line of linesOf(path)) {
    if (line === '') continue;
    const { position, body } = JSON.parse(line) as { position: string; body: string };
    batch.push({ position: BigInt(position), body });
    chars += body.length;
    if (batch.length < BATCH_EVENTS && chars < BATCH_CHARS) continue;
    yield batch;
    [batch, chars] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}
