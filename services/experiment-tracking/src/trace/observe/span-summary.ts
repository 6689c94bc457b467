import type { ObserveSpans, Tag } from '../domain/commands.js';
import { COST, TOKEN_USAGE } from '../domain/sums.js';
import { costOf, tokenUsageOf, type CountedSpan } from './sum-of-spans.js';

/** What the table of spans knows of one trace. Times are nanoseconds since 1970 as text. */
export interface SpanSummary {
  readonly workspace: string;
  readonly trace_id: string;
  readonly experiment_id: string;
  readonly changed_at: string;
  readonly start_ns: string | null;
  readonly end_ns: string | null;
  /** Of the root; null while it has not come. */
  readonly name: string | null;
  readonly status: string | null;
  readonly attributes: Readonly<Record<string, string>> | null;
  readonly user_id: string | null;
  readonly span_count: number;
  /** Whether a span tells of tokens or cost. */
  readonly is_counted: boolean;
}

const TAG_PREFIX = 'mlflow.traceTag.';
const MAX_TAGS = 100;
const MAX_PREVIEW_LENGTH = 1_000;

/** Names of attributes and of what they become: mlflow.tracing.constant of the Python client, and OpenTelemetry's conventions for sessions and users. */
export function factsOfSpans(summary: SpanSummary, counted: readonly CountedSpan[]): ObserveSpans['data'] {
  const { trace_id, experiment_id, start_ns, end_ns, name, status, attributes, user_id } = summary;
  const startTimeMs = BigInt(start_ns ?? 0) / 1_000_000n;
  const endTimeMs = BigInt(end_ns ?? 0) / 1_000_000n;
  const said = attributes ?? {};
  const metadata: Tag[] = [
    { key: 'mlflow.trace_schema.version', value: '3' },
    ...named('mlflow.trace.session', said['session.id'] ?? said['gen_ai.conversation.id']),
    ...named('mlflow.trace.user', user_id ?? undefined),
    ...named('mlflow.modelId', said['mlflow.modelId']),
    ...named('mlflow.sourceRun', said['mlflow.sourceRun']),
    ...named(TOKEN_USAGE, tokenUsageOf(counted)),
    ...named(COST, costOf(counted)),
  ];
  const tags: Tag[] = [
    ...named('mlflow.traceName', name ?? undefined),
    ...Object.entries(said).flatMap(([key, value]) => (key.startsWith(TAG_PREFIX) ? named(key.slice(TAG_PREFIX.length), value) : [])).slice(0, MAX_TAGS),
  ];
  const facts = {
    traceId: trace_id,
    experimentId: experiment_id,
    startTimeMs,
    clientRequestId: '',
    user: (user_id ?? '').slice(0, 250),
    requestPreview: preview(said['mlflow.spanInputs']),
    metadata,
    tags,
  };
  if (name === null) return { facts, end: undefined };
  const durationMs = endTimeMs > startTimeMs ? endTimeMs - startTimeMs : 0n;
  return { facts, end: { state: status === 'ERROR' ? 'ERROR' : 'OK', durationMs, responsePreview: preview(said['mlflow.spanOutputs']) } };
}

function named(key: string, value: string | undefined): Tag[] {
  if (value === undefined || value === '' || key === '' || key.length > 250) return [];
  return [{ key, value: whole(value.slice(0, 8_000)) }];
}

function preview(text: string | undefined): string {
  return whole((text ?? '').slice(0, MAX_PREVIEW_LENGTH));
}

/** A cut may have split a surrogate pair. */
function whole(text: string): string {
  return text.replace(/\p{Surrogate}$/u, '');
}
