import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { archiveSignedLog } from '../log-archive/archive-signed-log.js';
import { exportLog } from '../log-copy/export-log.js';
import { importLog } from '../log-copy/import-log.js';
import { NotDone } from '../exit.js';
import { Gateway, type LogEvent } from '../gateway.js';
import { keyOrFile } from '../files.js';
import { count, position, settingsOf } from '../settings.js';
import { note, say, sayJson } from '../terminal.js';

const DEFAULT_LINES = 10;
const PAGE = 1_000;
const POLL_MS = 1_000;

export function register(program: Command): void {
  const log = program.command('log').description('the log: look at it, move it, archive it');
  log
    .command('tail')
    .description('shows the last events')
    .option('-n, --lines <count>', 'how many', count, DEFAULT_LINES)
    .option('-f, --follow', 'go on with what arrives, until Ctrl-C')
    .action(async (options: { lines: number; follow?: boolean }, command: Command) => tail(options, command));
  log
    .command('show')
    .description('shows one event as it was hashed')
    .argument('<position>', 'from 0 on', position)
    .action(async (at: bigint, _: object, command: Command) => show(at, command));
  log
    .command('export')
    .description('writes every signed event to a file of NDJSON, and checkpoint and key beside it (.checkpoint, .key)')
    .argument('<file>', 'e.g. log.ndjson')
    .action(async (path: string, _: object, command: Command) => {
      const settings = settingsOf(command);
      const copy = await exportLog(new Gateway(settings), path);
      if (settings.json) sayJson({ file: path, ...copy });
      else say(`${copy.size} events of ${copy.origin} are in ${path}, and hash to the signed root ${copy.root}.`);
    });
  log
    .command('import')
    .description('stores an exported log in an empty PostgreSQL event store, byte for byte, once its root is the exported checkpoint’s')
    .argument('<file>', 'as log export wrote it')
    .requiredOption('--database-url <url>', 'e.g. postgres://user@host/database')
    .option('--key <key>', 'the log’s verifier key, or a file with it; by default the .key beside the file')
    .action(async (path: string, { databaseUrl, key }: { databaseUrl: string; key?: string }, command: Command) => {
      const copy = await importLog(path, databaseUrl, key === undefined ? undefined : await keyOrFile(key));
      if (settingsOf(command).json) sayJson({ file: path, ...copy });
      else say(`${copy.size} events of ${copy.origin} are stored, and hash to the root that was exported: ${copy.root}.`);
    });
  log
    .command('archive')
    .description('moves the texts of old events into the object store; they are read and verified as before')
    .requiredOption('--before <position>', 'the first event that stays; at most the size of the newest signed checkpoint', position)
    .requiredOption('--database-url <url>', 'the log, as its owner, e.g. postgres://user@host/database')
    .requiredOption('--object-store-url <url>', 'as the services have it (CAIRN_OBJECT_STORE_URL), e.g. file:///folder or s3://…')
    .action(async ({ before, ...stores }: { before: bigint; databaseUrl: string; objectStoreUrl: string }, command: Command) => archive(before, stores, command));
}

async function archive(before: bigint, stores: { databaseUrl: string; objectStoreUrl: string }, command: Command): Promise<void> {
  const settings = settingsOf(command);
  const report = await archiveSignedLog(new Gateway(settings), before, stores);
  const { from, end, segments, textBytes, objectBytes, vacuumed } = report;
  if (settings.json) sayJson(report);
  else if (segments === 0) say(`Nothing was left to archive: every event below ${end} is archived.`);
  else say(`Events ${from} to ${end - 1n} are archived in ${segments} objects: ${textBytes} bytes of text in ${objectBytes}.`);
  if (segments > 0 && !vacuumed) note('PostgreSQL was not told that the room is free again: VACUUM event_store.events does so, and autovacuum in its time.');
}

async function tail({ lines, follow = false }: { lines: number; follow?: boolean }, command: Command): Promise<void> {
  const settings = settingsOf(command);
  const gateway = new Gateway(settings);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const size = await gateway.size();
  for (let next = size > BigInt(lines) ? size - BigInt(lines) : 0n; !stop.signal.aborted; ) {
    const page = await gateway.events(next, PAGE);
    for (const event of page.events) print(event, settings.json);
    next = page.next;
    if (page.events.length > 0) continue;
    if (!follow) return;
    await pause(POLL_MS, undefined, { signal: stop.signal }).catch(() => undefined);
  }
}

async function show(at: bigint, command: Command): Promise<void> {
  const settings = settingsOf(command);
  const { events } = await new Gateway(settings).events(at, 1);
  const event = events.find((found) => found.position === String(at));
  if (event === undefined) throw new NotDone(`The log has no event at position ${at} yet.`);
  if (settings.json) print(event, true);
  else say(JSON.stringify(JSON.parse(event.body), undefined, 2));
}

function print({ position: at, body }: LogEvent, json: boolean): void {
  const event = JSON.parse(body) as { time: string; type: string; subject: string; revision: string };
  if (json) sayJson({ position: at, event });
  else say(`${at.padStart(8)}  ${event.time}  ${event.type}  ${event.subject} (${event.revision})`);
}
