import { placements } from '@cairn/service';
import { NotDone } from '../cli/exit.js';
import { ReplayRequests, type Replayed } from '../cli/replay-request.js';
import type { Settings } from '../cli/settings.js';

const SHOWN = 5;

/** Makes all tables of all services again from the log, beside the live ones. Answers whether they are the same, and says so, a line per service that differs. */
export async function compareTables(settings: Pick<Settings, 'url' | 'token'>, say: (line: string) => void): Promise<boolean> {
  const requests = new ReplayRequests(settings);
  const wrong: string[] = [];
  let [services, tables, rows] = [0, 0, 0];
  for (const [name, { prefix }] of Object.entries(placements)) {
    if (name === 'gateway') continue;
    const replayed = await requests.replay(prefix, {}).catch((error: unknown) => {
      if (error instanceof NotDone) return error.message;
      throw error;
    });
    if (typeof replayed === 'string') {
      wrong.push(`${name}: ${replayed}`);
      continue;
    }
    services += 1;
    tables += replayed.tables.length;
    rows += replayed.tables.reduce((sum, table) => sum + table.rows, 0);
    if (replayed.identical !== true) wrong.push(`${name}, as of position ${replayed.position}: ${differences(replayed)}`);
  }
  for (const line of wrong) say(`  ${line}`);
  const verdict = wrong.length === 0 ? 'IDENTICAL to the live ones' : 'DIFFERENT from the live ones';
  say(`Tables made again from the log: ${verdict} (${services} services, ${tables} tables, ${rows} rows)`);
  return wrong.length === 0;
}

function differences({ compared, tables }: Replayed): string {
  if (!compared) return 'the live tables moved on, and were not compared';
  return tables
    .filter(({ differing = 0 }) => differing > 0)
    .map((table) => `${table.table} has ${table.differing} rows that differ, e.g. ${JSON.stringify(table.differences?.slice(0, SHOWN))}`)
    .join('; ');
}
