import { describe, expect, it } from 'vitest';
import { costOf, tokenUsageOf, type CountedSpan } from './sum-of-spans.js';

const span = (span_id: string, parent_span_id: string, token_usage: CountedSpan['token_usage'] = null, cost: CountedSpan['cost'] = null): CountedSpan => ({
  span_id, parent_span_id, token_usage, cost,
});
const usage = (input_tokens: number, output_tokens: number) => ({ input_tokens, output_tokens, total_tokens: input_tokens + output_tokens });

describe('sum of what spans say', () => {
  it('is nothing where no span says anything', () => {
    expect(tokenUsageOf([])).toBeUndefined();
    expect(tokenUsageOf([span('a', ''), span('b', 'a')])).toBeUndefined();
    expect(costOf([span('a', '', usage(1, 2))])).toBeUndefined();
  });

  it('adds up the calls of a trace, whatever lies between them and the root', () => {
    const spans = [span('c', 'b', usage(10, 5)), span('b', 'a'), span('d', 'a', usage(1, 2)), span('a', '')];
    expect(tokenUsageOf(spans)).toBe('{"input_tokens": 11, "output_tokens": 7, "total_tokens": 18}');
  });

  it('counts a parent that reports what its children used together, and not the children', () => {
    const spans = [span('a', '', usage(11, 7)), span('b', 'a'), span('c', 'b', usage(10, 5)), span('d', 'a', usage(1, 2))];
    expect(tokenUsageOf(spans)).toBe('{"input_tokens": 11, "output_tokens": 7, "total_tokens": 18}');
  });

  it('counts what hangs on a span that has not come', () => {
    expect(tokenUsageOf([span('b', 'missing', usage(1, 2))])).toBe('{"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}');
  });

  it('names cached tokens only where somebody reports them', () => {
    const spans = [span('a', '', { input_tokens: 1, cache_read_input_tokens: 4 }), span('b', '', { cache_read_input_tokens: 2 })];
    expect(tokenUsageOf(spans)).toBe('{"input_tokens": 1, "output_tokens": 0, "total_tokens": 0, "cache_read_input_tokens": 6}');
  });

  it('sums cost by itself, and writes it as Python does', () => {
    const spans = [span('a', '', usage(1, 1)), span('b', 'a', null, { input_cost: 0.5, output_cost: 1.5, total_cost: 2 }), span('c', 'a', null, { total_cost: 0.25 })];
    expect(costOf(spans)).toBe('{"input_cost": 0.5, "output_cost": 1.5, "total_cost": 2.25}');
    expect(costOf([span('a', '', null, { total_cost: 3 })])).toBe('{"input_cost": 0.0, "output_cost": 0.0, "total_cost": 3.0}');
  });

  it('bears spans that are their own ancestors, and ones without end', () => {
    expect(tokenUsageOf([span('a', 'b', usage(1, 1)), span('b', 'a'), span('c', 'c', usage(1, 1))])).toBeUndefined();
    const deep = Array.from({ length: 50_000 }, (_, at) => span(String(at), at === 0 ? '' : String(at - 1), at === 49_999 ? usage(1, 1) : null));
    expect(tokenUsageOf(deep)).toContain('"total_tokens": 2');
  });
});
