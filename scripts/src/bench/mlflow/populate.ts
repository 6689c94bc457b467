import { setTimeout as delay } from 'node:timers/promises';
import { encodeEvent, type EventOf, type tracking } from '@cairn/contracts';
import { PostgresEventStore, type NewEvent } from '@cairn/event-store';
import { derivedId, eventIdOf, streamName } from '@cairn/kernel';
import pg from 'pg';

export const METRICS_PER_RUN = 5;
export const PARAMS_PER_RUN = 5;
const TAGS_PER_RUN = 3;
const APPENDS_AT_ONCE = 256;
const POLL_MS = 250;
const START_MS = 1_700_000_000_000;

/** Both sides get the same runs: metric mK of run i is ((i · 31 + K · 17) mod 1,000) / 1,000, parameter pK is v(i mod 7). */
const metricOf = (run: number, key: number): number => ((run * 31 + key * 17) % 1_000) / 1_000;
const indexes = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Writes the rows that MLflow's own store would have written; over its API this would take hours. Answers the id of the last run. */
export async function populateMlflow(database: string, experimentId: string, runs: number): Promise<string> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  const ids = `SELECT i, md5($1 || '-' || i) AS run FROM generate_series(0, ${runs - 1}) AS i`;
  try {
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,
                         source_version, lifecycle_stage, artifact_uri, experiment_id)
       SELECT run, 'run ' || i, 'UNKNOWN', '', '', 'bench', 'FINISHED', ${START_MS} + i, ${START_MS} + i + 1000,
              '', 'active', 'mlflow-artifacts:/' || $1 || '/' || run || '/artifacts', $1::int
       FROM (${ids}) AS named`,
      [experimentId],
    );
    await client.query(
      `INSERT INTO params (key, value, run_uuid) SELECT 'p' || k, 'v' || i % 7, run FROM (${ids}) AS named, generate_series(0, ${PARAMS_PER_RUN - 1}) AS k`,
      [experimentId],
    );
    await client.query(
      `INSERT INTO tags (key, value, run_uuid)
       SELECT 't' || k, 'v' || i % 5, run FROM (${ids}) AS named, generate_series(0, ${TAGS_PER_RUN - 1}) AS k
       UNION ALL SELECT 'mlflow.runName', 'run ' || i, run FROM (${ids}) AS named`,
      [experimentId],
    );
    for (const table of ['metrics', 'latest_metrics']) {
      await client.query(
        `INSERT INTO ${table} (key, value, timestamp, step, is_nan, run_uuid)
         SELECT 'm' || k, ((i * 31 + k * 17) % 1000) / 1000.0, ${START_MS} + i, 0, false, run FROM (${ids}) AS named, generate_series(0, ${METRICS_PER_RUN - 1}) AS k`,
        [experimentId],
      );
    }
    await client.query('COMMIT');
    await client.query('ANALYZE');
    const { rows } = await client.query<{ last: string }>("SELECT md5($1 || '-' || $2) AS last", [experimentId, runs - 1]);
    return rows[0]?.last ?? '';
  } finally {
    await client.end();
  }
}

/** Appends the events that the same runs would have left, and waits until the read model shows the last of them. Answers its id. */
export async function populateCairn({ database, tracking }: { database: string; tracking: string }, experimentId: string, runs: number): Promise<string> {
  const store = await PostgresEventStore.open({ url: database });
  const idOf = (index: number): string => derivedId('bench-run', experimentId, String(index)).replaceAll('-', '');
  let next = 0;
  const appender = async (): Promise<void> => {
    for (let index = next++; index < runs; index = next++) {
      const stream = streamName('run', derivedId('bench-run', experimentId, String(index)));
      await store.append([{ stream, expected: 'none', events: eventsOf(idOf(index), experimentId, index, stream) }]);
    }
  };
  await Promise.all(Array.from({ length: APPENDS_AT_ONCE }, appender));
  await store.close();
  const last = idOf(runs - 1);
  while (!(await fetch(`${tracking}/api/2.0/mlflow/runs/get?run_id=${last}`)).ok) await delay(POLL_MS);
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  await client.query('ANALYZE');
  await client.end();
  return last;
}

type RunEvent = EventOf<tracking.RunStarted | tracking.ParamsLogged | tracking.MetricsLogged | tracking.RunFinished>;

function eventsOf(runId: string, experimentId: string, index: number, stream: string): NewEvent[] {
  const startTimeMs = BigInt(START_MS + index);
  const metrics = indexes(METRICS_PER_RUN);
  const tags = indexes(TAGS_PER_RUN).map((key) => ({ key: `t${key}`, value: `v${index % 5}` }));
  const params = indexes(PARAMS_PER_RUN).map((key) => ({ key: `p${key}`, value: `v${index % 7}`, origin: 'set', library: '', libraryVersion: '' }));
  const events: readonly RunEvent[] = [
    { type: 'cairn.tracking.v1.RunStarted', data: { runId, experimentId, name: `run ${index}`, startTimeMs, user: 'bench', tags, criteriaVersion: 0, criteria: [] } },
    { type: 'cairn.tracking.v1.ParamsLogged', data: { runId, params } },
    {
      type: 'cairn.tracking.v1.MetricsLogged',
      data: {
        runId, keys: metrics.map((key) => `m${key}`), values: metrics.map((key) => metricOf(index, key)),
        timestampsMs: metrics.map(() => startTimeMs), steps: metrics.map(() => 0n),
        modelIds: [], datasetNames: [], datasetDigests: [],
      },
    },
    { type: 'cairn.tracking.v1.RunFinished', data: { runId, status: 'FINISHED', endTimeMs: startTimeMs + 1_000n } },
  ];
  const commandId = derivedId('bench-command', stream);
  return events.map((event, at) => ({
    id: eventIdOf(commandId, stream, at),
    type: event.type,
    data: encodeEvent(event),
    meta: { source: '/experiment-tracking', workspace: 'default', actor: { principal: 'bench' }, correlationId: commandId },
  }));
}
