import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ProcessReport } from './append-process.js';
import { serverCpuMicros } from './cpu.js';
import { median } from './measure.js';

const WRITERS = [1, 8, 32, 256, 1_024];
const EVENTS_PER_APPEND = [1, 10, 100];
const PROCESSES = [1, 4];
const ROUNDS = 3;
const ROUND_MS = 300;
const COLUMN = 40;

interface Cell {
  readonly processes: number;
  readonly writers: number;
  readonly eventsPerAppend: number;
  /** One of each per round; microseconds per event. */
  readonly perSecond: number[];
  readonly nodeMicros: number[];
  readonly serverMicros: number[];
  refused: number;
}

/** How appends scale: cell by cell, round after round, every other round backwards. */
export async function measureMatrix(url: string, serverPid: number): Promise<void> {
  const children = await Promise.all(Array.from({ length: Math.max(...PROCESSES) }, () => start(url)));
  const cells = PROCESSES.flatMap((processes) =>
    EVENTS_PER_APPEND.flatMap((eventsPerAppend) =>
      WRITERS.filter((writers) => writers >= processes).map(
        (writers): Cell => ({ processes, writers, eventsPerAppend, perSecond: [], nodeMicros: [], serverMicros: [], refused: 0 }),
      ),
    ),
  );
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const cell of round % 2 === 0 ? cells : cells.toReversed()) await measure(cell, children, serverPid);
    }
  } finally {
    for (const child of children) child.disconnect();
    await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')));
  }
  print(cells);
}

async function start(url: string): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('append-process.js', import.meta.url)), [url], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await once(child, 'message');
  return child;
}

async function measure(cell: Cell, children: readonly ChildProcess[], serverPid: number): Promise<void> {
  const { processes, writers, eventsPerAppend } = cell;
  const serverBefore = serverCpuMicros(serverPid) ?? 0;
  const startedAtMs = performance.now();
  const reports = await Promise.all(
    children.slice(0, processes).map(async (child) => {
      child.send({ writers: writers / processes, eventsPerAppend, forMs: ROUND_MS });
      const [report] = (await once(child, 'message')) as [ProcessReport];
      return report;
    }),
  );
  const events = reports.reduce((sum, report) => sum + report.events, 0);
  cell.perSecond.push((events / (performance.now() - startedAtMs)) * 1_000);
  cell.nodeMicros.push(reports.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0) / events);
  cell.serverMicros.push(((serverCpuMicros(serverPid) ?? 0) - serverBefore) / events);
  cell.refused += reports.reduce((sum, { refused }) => sum + refused, 0);
}

function print(cells: readonly Cell[]): void {
  process.stdout.write(
    `\nAppends by writers, events in an append and processes; events/s, and µs of CPU per event in Node + PostgreSQL; ` +
      `medians of ${ROUNDS} interleaved rounds, ${availableParallelism()} cores\n`,
  );
  process.stdout.write(`events   writers${PROCESSES.map((processes) => `${processes} process${processes === 1 ? '' : 'es'}`.padStart(COLUMN)).join('')}\n`);
  for (const eventsPerAppend of EVENTS_PER_APPEND) {
    for (const writers of WRITERS) {
      const columns = PROCESSES.map((processes) => {
        const cell = cells.find((other) => other.processes === processes && other.writers === writers && other.eventsPerAppend === eventsPerAppend);
        return (cell === undefined ? '' : described(cell)).padStart(COLUMN);
      });
      process.stdout.write(`${String(eventsPerAppend).padStart(6)}${writers.toLocaleString('en').padStart(10)}${columns.join('')}\n`);
    }
  }
}

function described({ perSecond, nodeMicros, serverMicros, refused }: Cell): string {
  const rate = Math.round(median(perSecond)).toLocaleString('en');
  return `${rate}  ${median(nodeMicros).toFixed(0)} + ${median(serverMicros).toFixed(0)} µs${refused > 0 ? ` (${refused} refused)` : ''}`;
}
