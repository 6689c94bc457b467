import { CACHE_KEYS, COST_KEYS, TOKEN_KEYS, type Figures } from '../../span-log/otlp/figures.js';

/** A span with what it says of tokens and cost; null where it says nothing. */
export interface CountedSpan {
  readonly span_id: string;
  /** Empty for a root. */
  readonly parent_span_id: string;
  readonly token_usage: Figures | null;
  readonly cost: Figures | null;
}

/** Tokens of a trace in MLflow's words (JSON as Python writes it); undefined when no span tells of any. */
export function tokenUsageOf(spans: readonly CountedSpan[]): string | undefined {
  const totals = sum(spans, ({ token_usage }) => token_usage, TOKEN_KEYS, CACHE_KEYS);
  return totals && python(totals, String);
}

/** Cost of a trace in US dollars, likewise. */
export function costOf(spans: readonly CountedSpan[]): string | undefined {
  const totals = sum(spans, ({ cost }) => cost, COST_KEYS, []);
  return totals && python(totals, (cost) => (Number.isInteger(cost) ? `${cost}.0` : String(cost)));
}

/**
 * Sums what spans say, leaving out spans below one that says something: many libraries report on a parent what its children used together
 * (mlflow/tracing/utils, aggregate_usage_from_spans). `always` are in the sum even if nobody reports them. Spans that are their own ancestors hang on no root and
 * do not count.
 */
function sum(
  spans: readonly CountedSpan[], said: (span: CountedSpan) => Figures | null, always: readonly string[], sometimes: readonly string[],
): Map<string, number> | undefined {
  const ids = new Set(spans.map(({ span_id }) => span_id));
  const children = new Map<string, CountedSpan[]>();
  // Without recursion: a trace may be as deep as it has spans.
  const left: CountedSpan[] = [];
  for (const span of spans) {
    const siblings = children.get(span.parent_span_id);
    if (!ids.has(span.parent_span_id)) left.push(span);
    else if (siblings === undefined) children.set(span.parent_span_id, [span]);
    else siblings.push(span);
  }
  const totals = new Map(always.map((key) => [key, 0]));
  let isSaid = false;
  for (let span = left.pop(); span !== undefined; span = left.pop()) {
    const figures = said(span);
    if (figures === null) {
      for (const child of children.get(span.span_id) ?? []) left.push(child);
      continue;
    }
    isSaid = true;
    for (const key of [...always, ...sometimes]) {
      const more = figures[key];
      if (more !== undefined) totals.set(key, (totals.get(key) ?? 0) + more);
    }
  }
  return isSaid ? totals : undefined;
}

/** With a space after each sign: filters compare metadata as text. */
function python(totals: ReadonlyMap<string, number>, written: (number: number) => string): string {
  return `{${[...totals].map(([key, number]) => `"${key}": ${written(number)}`).join(', ')}}`;
}
