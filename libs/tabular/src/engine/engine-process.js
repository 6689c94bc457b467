// The child process. JavaScript, because it is started by path: from `src` under a test runner and from `dist` in a service, with nothing to
// compile it on the way. It knows only how to run statements; what they mean is decided in the parent.
import { clearInterval, setInterval } from 'node:timers';
import { DuckDBInstance, JsonDuckDBValueConverter } from '@duckdb/node-api';

/** @type {import('./protocol.js').EngineSettings} */
const settings = JSON.parse(process.argv[2] ?? '{}');

/** @type {Map<number, { cancelled: boolean, interrupt: () => void }>} */
const running = new Map();
/** An interrupt that comes between two statements, or before one has started, is lost: it is repeated until the request has ended. */
const INTERRUPT_AGAIN_MS = 10;

/** @type {Promise<DuckDBInstance> | undefined} */
let instance;

async function openInstance() {
  const opened = await DuckDBInstance.create(':memory:', {
    threads: String(settings.threads),
    memory_limit: settings.memoryLimit,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await opened.connect();
  // The order matters: directories first, then no other access, then no way back. Resolved paths count, so a link cannot lead out.
  const quoted = settings.directory.replaceAll("'", "''");
  await connection.run(`SET temp_directory = '${quoted}/spill'`);
  await connection.run(`SET allowed_directories = ['${quoted}']`);
  await connection.run('SET enable_external_access = false');
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  await connection.run('SET lock_configuration = true');
  connection.closeSync();
  return opened;
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** @type {import('@duckdb/node-api').DuckDBValueConverter<NonNullable<import('@duckdb/node-api').Json>>} */
function toJson(value, type, converter) {
  if (typeof value === 'bigint') return value <= MAX_SAFE && value >= -MAX_SAFE ? Number(value) : String(value);
  return JsonDuckDBValueConverter(value, type, /** @type {import('@duckdb/node-api').DuckDBValueConverter<import('@duckdb/node-api').Json>} */ (converter));
}

class TooLarge extends Error {}

/** @param {import('./protocol.js').Parameters | undefined} params */
function bindable(params) {
  if (params === undefined) return undefined;
  /** @type {import('@duckdb/node-api').DuckDBValue[] | Record<string, import('@duckdb/node-api').DuckDBValue>} */
  const bound = params instanceof Array ? [...params] : Object.fromEntries(Object.entries(params));
  return bound;
}

/**
 * @param {import('@duckdb/node-api').DuckDBConnection} connection
 * @param {import('./protocol.js').EngineRequest} request
 * @param {import('./protocol.js').Step} step
 */
async function readRows(connection, request, step) {
  const result = await connection.stream(step.sql, bindable(step.params));
  const names = result.deduplicatedColumnNames();
  /** @type {import('@cairn/kernel').JsonObject[]} */
  const rows = [];
  let bytes = 0;
  for await (const chunk of result.yieldConvertedRows(toJson)) {
    for (const values of chunk) {
      const row = Object.fromEntries(names.map((name, index) => [name, values[index] ?? null]));
      bytes += JSON.stringify(row).length;
      if (rows.length >= request.maxRows) throw new TooLarge(`the result has more than ${request.maxRows} rows`);
      if (bytes > request.maxBytes) throw new TooLarge(`the result has more than ${request.maxBytes} bytes`);
      rows.push(row);
    }
  }
  return rows;
}

/** @param {import('./protocol.js').EngineRequest} request */
async function handle(request) {
  const state = { cancelled: false, interrupt: () => {} };
  running.set(request.id, state);
  instance ??= openInstance();
  const connection = await (await instance).connect();
  state.interrupt = () => connection.interrupt();
  try {
    /** @type {import('@cairn/kernel').JsonObject[]} */
    let rows = [];
    for (const [index, step] of request.steps.entries()) {
      if (state.cancelled) throw new Error('interrupted');
      if (index === request.steps.length - 1) rows = await readRows(connection, request, step);
      else await connection.run(step.sql, bindable(step.params));
    }
    answer({ id: request.id, rows });
  } catch (error) {
    const kind = state.cancelled ? 'cancelled' : error instanceof TooLarge ? 'too-large' : 'sql';
    answer({ id: request.id, failure: { kind, message: error instanceof Error ? error.message : String(error) } });
  } finally {
    running.delete(request.id);
    connection.closeSync();
  }
}

/** @param {import('./protocol.js').EngineAnswer} message */
function answer(message) {
  if (process.connected) process.send?.(message);
}

/** @param {number} id */
function cancel(id) {
  const state = running.get(id);
  if (state === undefined) return;
  state.cancelled = true;
  const timer = setInterval(() => {
    if (running.get(id) === state) state.interrupt();
    else clearInterval(timer);
  }, INTERRUPT_AGAIN_MS);
}

process.on('message', (/** @type {import('./protocol.js').EngineRequest | import('./protocol.js').CancelRequest} */ message) => {
  if ('cancel' in message) cancel(message.cancel);
  else {
    handle(message).catch((error) => {
      running.delete(message.id);
      answer({ id: message.id, failure: { kind: 'sql', message: String(error) } });
    });
  }
});

// Ctrl-C reaches the whole process group: the parent decides when this ends, by closing the channel, so that requests under way can finish.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
// A plain exit would wait for a query that still runs in the thread pool, for ever if need be, with nobody left to read its answer.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
