import type { Command } from 'commander';
import { DIFFERS, DONE, NotDone, NOT_DONE } from '../exit.js';
import { ReplayRequests, type RecordedDigest, type Replayed, type ReplayedTable } from '../replay-request.js';
import { settingsOf, several } from '../settings.js';
import { note, say, sayJson } from '../terminal.js';

interface ReplayOptions {
  readonly to?: string;
  readonly service?: readonly string[];
  readonly recorded?: boolean;
}

type Moment = { readonly to?: string; readonly to_time?: string };

/** What a replay of one service said. */
interface Outcome {
  readonly differs: boolean;
  /** Last position in the rows; null before the first event. */
  readonly position: string | null;
}

const POSITION = /^\d{1,18}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T/;
const LISTED_DIFFERENCES = 10;

export function register(program: Command): void {
  program
    .command('replay')
    .description('makes the read models again from the log, beside the live ones, and compares')
    .option('--to <moment>', 'a position or an RFC 3339 time; by default what the live tables show')
    .option('--service <name>', 'e.g. model-registry; may be repeated; by default all', several)
    .option('--recorded', 'replay to where the last digests were recorded in the log, and compare with these')
    .action(async (options: ReplayOptions, command: Command) => replay(options, command));
}

async function replay({ to, service, recorded = false }: ReplayOptions, command: Command): Promise<void> {
  if (to !== undefined && recorded) throw new NotDone('Give --to or --recorded: digests are recorded at positions of their own.');
  const { json, ...settings } = settingsOf(command);
  const requests = new ReplayRequests(settings);
  let moment = momentOf(to);
  let differs = false;
  let failed = false;
  for (const { name, prefix } of await chosen(service)) {
    try {
      const outcome = recorded ? await compareRecorded(requests, name, prefix, json) : await compareLive(requests, name, prefix, moment, json);
      differs ||= outcome.differs;
      // A time is looked up once: the others replay to the same position, whatever arrives meanwhile.
      if (moment.to_time !== undefined && outcome.position !== null) moment = { to: outcome.position };
    } catch (error) {
      if (!(error instanceof NotDone)) throw error;
      // One service that does not answer says nothing about the others.
      note(`${name}: ${error.message}`);
      failed = true;
    }
  }
  process.exitCode = differs ? DIFFERS : failed ? NOT_DONE : DONE;
}

function momentOf(to: string | undefined): Moment {
  if (to === undefined) return {};
  if (POSITION.test(to)) return { to };
  if (TIME.test(to)) return { to_time: to };
  throw new NotDone('--to is a position, e.g. 1200, or an RFC 3339 time, e.g. 2026-01-31T12:00:00Z.');
}

/** Loaded when asked for: it brings the whole framework, which other commands do not need. */
async function chosen(names: readonly string[] | undefined): Promise<readonly { name: string; prefix: string }[]> {
  const { placements } = await import('@cairn/service');
  const all = Object.entries(placements).flatMap(([name, { prefix }]) => (name === 'gateway' ? [] : [{ name, prefix }]));
  if (names === undefined) return all;
  return [...new Set(names)].map((wanted) => {
    const found = all.find(({ name }) => name === wanted);
    if (found === undefined) throw new NotDone(`No service with tables is called ${wanted}. There are ${all.map(({ name }) => name).join(', ')}.`);
    return found;
  });
}

async function compareLive(requests: ReplayRequests, service: string, prefix: string, moment: Moment, json: boolean): Promise<Outcome> {
  const replayed = await requests.replay(prefix, moment);
  if (json) sayJson({ service, ...replayed });
  else sayReplayed(service, replayed);
  return { differs: replayed.identical === false, position: replayed.position };
}

async function compareRecorded(requests: ReplayRequests, service: string, prefix: string, json: boolean): Promise<Outcome> {
  const recorded = await requests.lastRecorded(service);
  if (recorded === undefined) throw new NotDone('No digests of it are in the log. Record them: POST /lineage/v1/read-model-digests.');
  const replayed = await requests.replay(prefix, { to: recorded.position });
  const wrong = differing(recorded, replayed);
  if (json) {
    sayJson({ service, as_recorded: wrong.length === 0, differing_tables: wrong, recorded_tables: recorded.tables, event_position: recorded.event_position, ...replayed });
  } else {
    const verdict = wrong.length === 0 ? 'the rows are as the log recorded' : `DIFFERS from what was recorded: ${wrong.join(', ')}`;
    say(`${service}, as of position ${recorded.position}: ${verdict} (event at ${recorded.event_position})`);
    sayDifferences(replayed.tables);
  }
  return { differs: wrong.length > 0 || replayed.identical === false, position: replayed.position };
}

/** Names of the tables whose rows were others when they were digested. */
function differing(recorded: RecordedDigest, replayed: Replayed): string[] {
  const names = new Set([...recorded.tables, ...replayed.tables].map(({ table }) => table));
  const digestIn = (tables: readonly { readonly table: string; readonly digest: string }[], name: string): string | undefined => tables.find(({ table }) => table === name)?.digest;
  return [...names].filter((name) => digestIn(recorded.tables, name) !== digestIn(replayed.tables, name)).sort();
}

function sayReplayed(service: string, { position, compared, identical, tables }: Replayed): void {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const moment = position === null ? 'before the first event' : `as of position ${position}`;
  const verdict = !compared ? 'replayed; the live tables show another moment' : identical === true ? 'the live tables are what the log says' : 'DIFFERS from the live tables';
  say(`${service}, ${moment}: ${verdict} (${tables.length} tables, ${rows} rows)`);
  if (!compared) for (const { table, rows: count, digest } of tables) say(`  ${table}: ${count} rows, sha256 ${digest}`);
  sayDifferences(tables);
}

function sayDifferences(tables: readonly ReplayedTable[]): void {
  for (const { table, differing: count = 0, differences = [] } of tables) {
    for (const difference of differences.slice(0, LISTED_DIFFERENCES)) say(`  ${table} ${sentenceOf(difference)}`);
    if (count > LISTED_DIFFERENCES) say(`  ${table}: ${count} rows differ; --json lists ${differences.length} of them`);
  }
}

function sentenceOf({ key, kind, columns, event }: NonNullable<ReplayedTable['differences']>[number]): string {
  const row = JSON.stringify(key);
  const touched = event === undefined ? '' : `; last written by ${event.type} at position ${event.position} (${event.stream})`;
  if (kind === 'missing') return `${row} is missing, but the log makes it${touched}`;
  if (kind === 'unexpected') return `${row} is there, but no event makes it`;
  const values = columns.map(({ column, live, replayed }) => `${column} is ${JSON.stringify(live)}, but the log says ${JSON.stringify(replayed)}`);
  return `${row}: ${values.join('; ')}${touched}`;
}
