import { CommandHandler, type EventStore } from '@cairn/event-store';
import { DomainError, newId, type Clock, type CommandMeta } from '@cairn/kernel';
import { ProjectionRunner } from '@cairn/read-model';
import { CLOCK, EVENT_STORE } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { trace } from '../domain/decider.js';
import { streamIdOfTrace } from '../http/trace-id.js';
import { factsOfSpans, type SpanSummary } from './span-summary.js';
import type { CountedSpan } from './sum-of-spans.js';

/** A client tells of its trace right after its spans; what it says then needs no second account from the spans. */
const SETTLED_MS = 2_000;
/** Appended together, and waited for once. */
const AT_ONCE = 200;
/** A search must not wait for ever. */
const MAX_ROUNDS = 5;
/** Tokens and cost of a trace with more spans are not summed up. As many spans are looked at together. */
const MAX_COUNTED_SPANS = 50_000;
const OBSERVER = 'experiment-tracking';

const SUMMARIES = `
  SELECT told.workspace, told.trace_id, told.experiment_id, told.changed_at::text AS changed_at, all_spans.start_ns, all_spans.end_ns, root.name, root.status,
    root.attributes, first_user.user_id, coalesce(all_spans.span_count, 0) AS span_count, coalesce(all_spans.is_counted, false) AS is_counted
  FROM unnest($1::text[], $2::text[]) AS asked (workspace, trace_id) JOIN span_trace told USING (workspace, trace_id)
  LEFT JOIN LATERAL (SELECT min(start_time_ns) AS start_ns, max(end_time_ns) AS end_ns, count(*)::int AS span_count,
    bool_or(token_usage IS NOT NULL OR cost IS NOT NULL) AS is_counted
    FROM span WHERE span.workspace = told.workspace AND span.trace_id = told.trace_id) AS all_spans ON true
  LEFT JOIN LATERAL (SELECT name, status, attributes FROM span WHERE span.workspace = told.workspace AND span.trace_id = told.trace_id AND parent_span_id = ''
    ORDER BY start_time_ns, span_id LIMIT 1) AS root ON true
  LEFT JOIN LATERAL (SELECT attributes ->> 'user.id' AS user_id FROM span WHERE span.workspace = told.workspace AND span.trace_id = told.trace_id AND attributes ? 'user.id'
    LIMIT 1) AS first_user ON true
  WHERE told.pending`;
const COUNTED = `
  SELECT span.workspace, span.trace_id, span.span_id, span.parent_span_id, span.token_usage, span.cost
  FROM unnest($1::text[], $2::text[]) AS asked (workspace, trace_id) JOIN span USING (workspace, trace_id)`;
/** Spans that came meanwhile have moved the time, and leave their trace pending. */
const TOLD = `
  UPDATE span_trace SET pending = false FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS told (workspace, trace_id, changed_at)
  WHERE span_trace.workspace = told.workspace AND span_trace.trace_id = told.trace_id AND span_trace.changed_at = told.changed_at`;

/** Nothing of a deleted trace stays in the tables. Chunks that are being sealed go when they are. */
const FORGET = [
  'DELETE FROM span WHERE workspace = $1 AND trace_id = $2',
  'DELETE FROM span_chunk WHERE workspace = $1 AND trace_id = $2 AND (segment_id IS NULL OR digest IS NOT NULL)',
  'DELETE FROM span_trace WHERE workspace = $1 AND trace_id = $2',
];

/** A trace of which only spans have told becomes a fact: asked for at once, or else a little later. */
@Injectable()
export class TraceObserver {
  /** Without a read model to wait for: many traces are waited for at once. */
  private readonly commands: CommandHandler;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(EVENT_STORE) store: EventStore,
    @Inject(ProjectionRunner) private readonly runner: ProjectionRunner,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.commands = new CommandHandler(store, `/${OBSERVER}`);
  }

  /** What the spans of these traces say is in their streams, and in the table, afterwards. */
  async observe(workspace: string, traceIds: readonly string[]): Promise<void> {
    await this.tell(traceIds.map((traceId) => ({ workspace, trace_id: traceId })));
  }

  /** Every trace of these experiments of which spans have told by now: a search shows them too. While more come than can be told of, the last ones follow later. */
  async observeExperiments(workspace: string, experimentIds: readonly string[]): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      if (!(await this.observeSome('pending AND workspace = $1 AND experiment_id = ANY($2)', [workspace, experimentIds]))) return;
    }
  }

  /** Some of those that nobody has asked for, once their client had time to tell of them itself. Answers whether there are more. */
  observeSettled(): Promise<boolean> {
    return this.observeSome(`pending AND changed_at < now() - interval '${SETTLED_MS} milliseconds'`, []);
  }

  async forget(workspace: string, traceId: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      for (const statement of FORGET) await manager.query(statement, [workspace, traceId]);
    });
  }

  /** What a crash between a deletion and its forgetting has left. */
  async forgetDeleted(): Promise<void> {
    const left: { workspace: string; trace_id: string }[] = await this.dataSource.query(
      'SELECT workspace, trace_id FROM span_trace JOIN trace USING (workspace, trace_id) WHERE trace.deleted',
    );
    for (const { workspace, trace_id } of left) await this.forget(workspace, trace_id);
  }

  private async observeSome(condition: string, parameters: readonly unknown[]): Promise<boolean> {
    // Whoever told of the trace itself, to the end, needs nothing from its spans.
    await this.dataSource.query(
      `UPDATE span_trace told SET pending = false FROM trace
       WHERE told.pending AND trace.workspace = told.workspace AND trace.trace_id = told.trace_id AND trace.told_by_client AND trace.state <> 'IN_PROGRESS' AND NOT trace.deleted`,
    );
    const pending: { workspace: string; trace_id: string }[] = await this.dataSource.query(
      `SELECT workspace, trace_id FROM span_trace WHERE ${condition} ORDER BY changed_at LIMIT ${AT_ONCE}`, [...parameters],
    );
    await this.tell(pending);
    return pending.length === AT_ONCE;
  }

  private async tell(traces: readonly { readonly workspace: string; readonly trace_id: string }[]): Promise<void> {
    if (traces.length === 0) return;
    const summaries: SpanSummary[] = await this.dataSource.query(SUMMARIES, [traces.map(({ workspace }) => workspace), traces.map(({ trace_id }) => trace_id)]);
    const positions: (bigint | undefined)[] = [];
    for (const some of portionsOf(summaries)) {
      const counted = await this.countedSpans(some.filter(isCounted));
      positions.push(...(await Promise.all(some.map((summary) => this.tellOne(summary, counted.get(nameOf(summary)) ?? [])))));
    }
    const last = positions.reduce<bigint | undefined>((highest, position) => (position !== undefined && position > (highest ?? -1n) ? position : highest), undefined);
    if (last !== undefined) await this.runner.waitFor(last);
    if (summaries.length === 0) return;
    await this.dataSource.query(TOLD, [
      summaries.map(({ workspace }) => workspace), summaries.map(({ trace_id }) => trace_id), summaries.map(({ changed_at }) => changed_at),
    ]);
  }

  /** All spans of these traces, those that say nothing of tokens and cost as well: the others hang on them. */
  private async countedSpans(summaries: readonly SpanSummary[]): Promise<ReadonlyMap<string, readonly CountedSpan[]>> {
    const spans = new Map<string, CountedSpan[]>(summaries.map((summary) => [nameOf(summary), []]));
    if (summaries.length === 0) return spans;
    const rows: (CountedSpan & Pick<SpanSummary, 'workspace' | 'trace_id'>)[] = await this.dataSource.query(COUNTED, [
      summaries.map(({ workspace }) => workspace), summaries.map(({ trace_id }) => trace_id),
    ]);
    for (const row of rows) spans.get(nameOf(row))?.push(row);
    return spans;
  }

  /** Position of what was recorded, if anything was. */
  private async tellOne(summary: SpanSummary, counted: readonly CountedSpan[]): Promise<bigint | undefined> {
    const { workspace, trace_id: traceId } = summary;
    // A name of its own every time: the same spans may say the same again of a trace that was deleted meanwhile.
    const commandId = newId();
    const meta: CommandMeta = { commandId, now: this.clock.now(), actor: { principal: OBSERVER }, workspace, correlationId: commandId };
    try {
      const command = { type: 'ObserveSpans', data: factsOfSpans(summary, counted), meta } as const;
      return (await this.commands.handle(trace, command, { id: streamIdOfTrace(workspace, traceId) })).position;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'TRACE_DELETED') throw error;
      await this.forget(workspace, traceId);
      return undefined;
    }
  }
}

function nameOf({ workspace, trace_id }: Pick<SpanSummary, 'workspace' | 'trace_id'>): string {
  return JSON.stringify([workspace, trace_id]);
}

function isCounted({ is_counted, span_count }: SpanSummary): boolean {
  return is_counted && span_count <= MAX_COUNTED_SPANS;
}

/** In groups whose spans fit into memory together. */
function portionsOf(summaries: readonly SpanSummary[]): SpanSummary[][] {
  const portions: SpanSummary[][] = [];
  let room = 0;
  for (const summary of summaries) {
    const size = isCounted(summary) ? summary.span_count : 0;
    const last = portions.at(-1);
    if (last === undefined || size > room) {
      portions.push([summary]);
      room = MAX_COUNTED_SPANS - size;
    } else {
      last.push(summary);
      room -= size;
    }
  }
  return portions;
}
