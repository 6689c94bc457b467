import { setTimeout as pause } from 'node:timers/promises';
import { MlflowError } from '@cairn/mlflow';
import { Inject, Injectable } from '@nestjs/common';
import { SpanReader } from '../../span-log/store/span-reader.js';
import type { TraceWithFacts } from '../views/trace-list/trace-list.query.js';
import { convertTraceInfo } from './convert.js';
import { spanDump, spanJson } from './span-json.js';

/** MLflow's client sends spans and trace at the same time: the last spans may still be on their way. */
const WAIT_MS = 2_000;
const PAUSE_MS = 50;
const SIZE_STATS = 'mlflow.trace.sizeStats';

/** Traces with their spans, as JSON text: 64-bit numbers keep all their digits that way. */
@Injectable()
export class SpansOfTraces {
  constructor(@Inject(SpanReader) private readonly reader: SpanReader) {}

  /** Throws RESOURCE_DOES_NOT_EXIST for one that is not complete within two seconds, unless a part will do. */
  async whole(found: TraceWithFacts, { allowPartial }: { readonly allowPartial: boolean }): Promise<string> {
    const { workspace, traceId } = found.trace;
    const expected = allowPartial ? 0 : spanCount(found);
    const untilMs = Date.now() + WAIT_MS;
    for (;;) {
      const spans = (await this.reader.spansOf(workspace, [traceId])).get(traceId) ?? [];
      // Spans that are a file of the trace never come here.
      if (spans.length >= expected || !found.hasSpans) return traceJson(found, spans.map(spanJson));
      if (Date.now() >= untilMs) break;
      await pause(PAUSE_MS);
    }
    throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Trace with ID ${traceId} is not fully exported yet, please try again later.`);
  }

  /** As far as their spans have come. */
  async all(workspace: string, found: readonly TraceWithFacts[]): Promise<string[]> {
    const spans = await this.reader.spansOf(workspace, found.map(({ trace }) => trace.traceId));
    return found.map((facts) => traceJson(facts, (spans.get(facts.trace.traceId) ?? []).map(spanJson)));
  }

  /** What a client would have stored as `traces.json`. */
  async file({ trace: { workspace, traceId } }: TraceWithFacts): Promise<string> {
    const spans = (await this.reader.spansOf(workspace, [traceId])).get(traceId) ?? [];
    return `{"spans":[${spans.map((span) => spanDump(span, traceId)).join(',')}]}`;
  }
}

function traceJson(facts: TraceWithFacts, spans: readonly string[]): string {
  return `{"trace_info":${JSON.stringify(convertTraceInfo(facts))}${spans.length === 0 ? '' : `,"spans":[${spans.join(',')}]`}}`;
}

/** What the client counted; 0 when it did not. */
function spanCount({ trace: { metadata } }: TraceWithFacts): number {
  try {
    const stats: unknown = JSON.parse(metadata[SIZE_STATS] ?? '{}');
    const count = typeof stats === 'object' && stats !== null && 'num_spans' in stats ? stats.num_spans : 0;
    return typeof count === 'number' && Number.isSafeInteger(count) ? count : 0;
  } catch {
    return 0;
  }
}
