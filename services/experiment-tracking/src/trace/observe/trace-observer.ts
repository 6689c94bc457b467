import { CommandHandler } from '@cairn/event-store';
import { DomainError, newId, type Clock, type CommandMeta } from '@cairn/kernel';
import { CLOCK } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { trace } from '../domain/decider.js';
import { streamIdOfTrace } from '../http/trace-id.js';
import { factsOfSpans, type SpanSummary } from './span-summary.js';

/** A client tells of its trace right after its spans; what it says then needs no second account from the spans. */
const SETTLED_MS = 2_000;
const AT_ONCE = 200;
const CONCURRENT = 8;
const OBSERVER = 'experiment-tracking';

const SUMMARY = `
  SELECT told.trace_id, told.experiment_id, told.changed_at::text AS changed_at, all_spans.start_ns, all_spans.end_ns, root.name, root.status, root.attributes, first_user.user_id
  FROM span_trace told
  LEFT JOIN LATERAL (SELECT min(start_time_ns) AS start_ns, max(end_time_ns) AS end_ns FROM span WHERE span.workspace = told.workspace AND span.trace_id = told.trace_id)
    AS all_spans ON true
  LEFT JOIN LATERAL (SELECT name, status, attributes FROM span WHERE span.workspace = told.workspace AND span.trace_id = told.trace_id AND parent_span_id = ''
    ORDER BY start_time_ns, span_id LIMIT 1) AS root ON true
  LEFT JOIN LATERAL (SELECT attributes ->> 'user.id' AS user_id FROM span WHERE span.workspace = told.workspace AND span.trace_id = told.trace_id AND attributes ? 'user.id'
    LIMIT 1) AS first_user ON true
  WHERE told.workspace = $1 AND told.trace_id = $2 AND told.pending`;

/** Nothing of a deleted trace stays in the tables. Chunks that are being sealed go when they are. */
const FORGET = [
  'DELETE FROM span WHERE workspace = $1 AND trace_id = $2',
  'DELETE FROM span_chunk WHERE workspace = $1 AND trace_id = $2 AND (segment_id IS NULL OR digest IS NOT NULL)',
  'DELETE FROM span_trace WHERE workspace = $1 AND trace_id = $2',
];

/** A trace of which only spans have told becomes a fact: asked for at once, or else a little later. */
@Injectable()
export class TraceObserver {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What the spans of one trace say is in its stream, and in the table, afterwards. */
  async observe(workspace: string, traceId: string): Promise<void> {
    const [summary]: SpanSummary[] = await this.dataSource.query(SUMMARY, [workspace, traceId]);
    if (summary === undefined) return;
    const data = factsOfSpans(summary);
    // A name of its own every time: the same spans may say the same again of a trace that was deleted meanwhile.
    const commandId = newId();
    const meta: CommandMeta = { commandId, now: this.clock.now(), actor: { principal: OBSERVER }, workspace, correlationId: commandId };
    try {
      await this.commands.handle(trace, { type: 'ObserveSpans', data, meta }, { id: streamIdOfTrace(workspace, traceId) });
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'TRACE_DELETED') throw error;
      await this.forget(workspace, traceId);
    }
    // Spans that came meanwhile have moved the time, and leave it pending.
    await this.dataSource.query('UPDATE span_trace SET pending = false WHERE workspace = $1 AND trace_id = $2 AND changed_at = $3::timestamptz', [
      workspace, traceId, summary.changed_at,
    ]);
  }

  /** Every trace of these experiments of which spans have told: a search shows them too. */
  async observeExperiments(workspace: string, experimentIds: readonly string[]): Promise<void> {
    await this.observeSome(`pending AND workspace = $1 AND experiment_id = ANY($2)`, [workspace, experimentIds]);
  }

  /** Those that nobody has asked for, once their client had time to tell of them itself. Answers how many there were. */
  observeSettled(): Promise<number> {
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

  private async observeSome(condition: string, parameters: readonly unknown[]): Promise<number> {
    // Whoever told of the trace itself, to the end, needs nothing from its spans.
    await this.dataSource.query(
      `UPDATE span_trace told SET pending = false FROM trace
       WHERE told.pending AND trace.workspace = told.workspace AND trace.trace_id = told.trace_id AND trace.told_by_client AND trace.state <> 'IN_PROGRESS' AND NOT trace.deleted`,
    );
    const pending: { workspace: string; trace_id: string }[] = await this.dataSource.query(
      `SELECT workspace, trace_id FROM span_trace WHERE ${condition} ORDER BY changed_at LIMIT ${AT_ONCE}`, [...parameters],
    );
    const waiting = pending.values();
    const work = async (): Promise<void> => {
      for (const { workspace, trace_id } of waiting) await this.observe(workspace, trace_id);
    };
    await Promise.all(Array.from({ length: CONCURRENT }, work));
    return pending.length;
  }
}
