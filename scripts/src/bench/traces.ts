import 'reflect-metadata';
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { otlp } from '@cairn/contracts';
import { Client } from 'pg';
import { median, percentile, printResult, wantsJson } from './measure.js';
import type { CairnReady } from './cairn-process.js';

/** Exporters that send at once, each a batch as OpenTelemetry's batch processor makes it. */
const EXPORTERS = 4;
const TRACES_PER_BATCH = 10;
const SPANS_PER_TRACE = 10;
const WARM_UP_MS = 5_000;
const RUN_MS = process.argv.includes('--quick') ? 5_000 : 60_000;
const WINDOW_MS = 1_000;
const TARGET_PER_SECOND = 1_000;
const PAGE_BYTES = 4_096;

interface Load {
  /** Spans acknowledged in each whole window. */
  readonly perSecond: readonly number[];
  /** Of the requests, sorted. */
  readonly latenciesMs: readonly number[];
  /** Resident bytes of the process with the services, one per window; empty where there is no /proc. */
  readonly memoryBytes: readonly number[];
}

/**
 * Spans per second that Cairn acknowledges over OTLP while everything else of it runs, in one process beside PostgreSQL: they are on disk then, and their traces become
 * events and are sealed meanwhile. The sender shares the machine.
 */
async function measureTraces(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-traces-'));
  const child = fork(new URL('./cairn-process.js', import.meta.url), [join(folder, 'cairn')]);
  try {
    const [{ gateway, database }] = (await once(child, 'message')) as [CairnReady];
    const created = await fetch(`${gateway}/api/2.0/mlflow/experiments/create`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'bench' }),
    });
    const { experiment_id: experimentId } = (await created.json()) as { experiment_id: string };
    await load(gateway, experimentId, WARM_UP_MS, child.pid);
    print(await load(gateway, experimentId, RUN_MS, child.pid), await behind(database));
  } finally {
    if (child.exitCode === null) {
      child.disconnect();
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

async function load(gateway: string, experimentId: string, forMs: number, pid: number | undefined): Promise<Load> {
  const latenciesMs: number[] = [];
  const windows: number[] = [];
  const memoryBytes: number[] = [];
  const startedAtMs = performance.now();
  const watch = setInterval(() => {
    const resident = residentBytes(pid);
    if (resident !== undefined) memoryBytes.push(resident);
  }, WINDOW_MS);
  const exporter = async (): Promise<void> => {
    for (let nowMs = startedAtMs; nowMs - startedAtMs < forMs; ) {
      const sentAtMs = performance.now();
      const response = await fetch(`${gateway}/v1/traces`, {
        method: 'POST', headers: { 'content-type': 'application/x-protobuf', 'x-mlflow-experiment-id': experimentId }, body: batch(),
      });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`an export was answered with ${response.status}`);
      nowMs = performance.now();
      latenciesMs.push(nowMs - sentAtMs);
      const window = Math.floor((nowMs - startedAtMs) / WINDOW_MS);
      windows[window] = (windows[window] ?? 0) + TRACES_PER_BATCH * SPANS_PER_TRACE;
    }
  };
  await Promise.all(Array.from({ length: EXPORTERS }, exporter));
  clearInterval(watch);
  // The last window is not whole.
  const perSecond = Array.from({ length: Math.floor(forMs / WINDOW_MS) }, (_, window) => ((windows[window] ?? 0) * 1_000) / WINDOW_MS);
  return { perSecond, latenciesMs: latenciesMs.sort((a, b) => a - b), memoryBytes };
}

/** Traces of which only spans have told, and no event yet. */
async function behind(database: string): Promise<{ readonly traces: number; readonly withoutEvent: number }> {
  const client = new Client({ connectionString: database });
  await client.connect();
  try {
    const { rows } = await client.query<{ traces: string; pending: string }>('SELECT count(*) AS traces, count(*) FILTER (WHERE pending) AS pending FROM tracking.span_trace');
    return { traces: Number(rows[0]?.traces), withoutEvent: Number(rows[0]?.pending) };
  } finally {
    await client.end();
  }
}

/** About 600 bytes a span: inputs and outputs as MLflow's clients send them. */
function batch(): Uint8Array<ArrayBuffer> {
  const spans = Array.from({ length: TRACES_PER_BATCH }, () => {
    const [traceId, rootId] = [new Uint8Array(randomBytes(16)), new Uint8Array(randomBytes(8))];
    return Array.from({ length: SPANS_PER_TRACE }, (_, at) => {
      const startNs = BigInt(Date.now()) * 1_000_000n + BigInt(at);
      return create(otlp.SpanSchema, {
        traceId,
        spanId: at === 0 ? rootId : new Uint8Array(randomBytes(8)),
        parentSpanId: at === 0 ? new Uint8Array(0) : rootId,
        name: at === 0 ? 'answer' : `step ${at}`,
        startTimeUnixNano: startNs,
        endTimeUnixNano: startNs + 1_000_000n,
        status: { code: otlp.Status_StatusCode.OK },
        attributes: Object.entries({
          'mlflow.spanType': 'LLM', 'mlflow.spanInputs': `{"question": "${'q'.repeat(200)}"}`, 'mlflow.spanOutputs': `"${'a'.repeat(200)}"`, model: 'bench',
        }).map(([key, value]) => ({ key, value: { value: { case: 'stringValue' as const, value } } })),
      });
    });
  }).flat();
  const request = create(otlp.ExportTraceServiceRequestSchema, { resourceSpans: [{ scopeSpans: [{ spans }] }] });
  return new Uint8Array(toBinary(otlp.ExportTraceServiceRequestSchema, request));
}

/** proc(5): the second number of statm is resident pages. */
function residentBytes(pid: number | undefined): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE_BYTES;
  } catch {
    return undefined;
  }
}

function print({ perSecond, latenciesMs, memoryBytes }: Load, { traces, withoutEvent }: { readonly traces: number; readonly withoutEvent: number }): void {
  const rate = median(perSecond);
  const size = `${TRACES_PER_BATCH} traces of ${SPANS_PER_TRACE} spans`;
  process.stdout.write(`Spans acknowledged over OTLP, ${EXPORTERS} exporters with batches of ${size}; ${perSecond.length} s, ${availableParallelism()} cores\n`);
  process.stdout.write(`spans/s   median ${Math.round(rate).toLocaleString('en')} [${Math.min(...perSecond)}-${Math.max(...perSecond)}]  (at least ${TARGET_PER_SECOND})\n`);
  process.stdout.write(`requests  p50 ${percentile(latenciesMs, 0.5).toFixed(1)} ms, p99 ${percentile(latenciesMs, 0.99).toFixed(1)} ms\n`);
  process.stdout.write(`traces    ${traces.toLocaleString('en')}, of which ${withoutEvent.toLocaleString('en')} have no event yet\n`);
  const third = Math.floor(memoryBytes.length / 3);
  const mib = (bytes: readonly number[]): string => `${Math.round(median(bytes) / 1024 / 1024)} MiB`;
  const [first, last] = [memoryBytes.slice(0, third), memoryBytes.slice(-third)];
  if (third > 0) process.stdout.write(`memory    ${mib(first)} in the first third, ${mib(last)} in the last, all services in one process\n`);
  if (wantsJson()) printResult('traces', { spansPerSecond: rate });
}

await measureTraces();
