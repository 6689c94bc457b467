import { create } from '@bufbuild/protobuf';
import { otlp } from '@cairn/contracts';
import { describe, expect, it } from 'vitest';
import { spanFigures } from './span-figures.js';

const int = (value: bigint) => create(otlp.AnyValueSchema, { value: { case: 'intValue', value } });
const text = (value: string) => create(otlp.AnyValueSchema, { value: { case: 'stringValue', value } });
const double = (value: number) => create(otlp.AnyValueSchema, { value: { case: 'doubleValue', value } });
const map = (values: Readonly<Record<string, otlp.AnyValue>>) => create(otlp.AnyValueSchema, { value: { case: 'kvlistValue', value: { values: pairs(values) } } });
const pairs = (values: Readonly<Record<string, otlp.AnyValue>>) => Object.entries(values).map(([key, value]) => create(otlp.KeyValueSchema, { key, value }));
const figures = (values: Readonly<Record<string, otlp.AnyValue>>) => spanFigures(pairs(values));

describe('figures of a span', () => {
  it('are what MLflow’s own attributes say, as a map or as JSON', () => {
    const tokenUsage = { input_tokens: 10, output_tokens: 5, total_tokens: 15, cache_read_input_tokens: 3 };
    const asMap = map(Object.fromEntries(Object.entries(tokenUsage).map(([key, count]) => [key, int(BigInt(count))])));
    expect(figures({ 'mlflow.chat.tokenUsage': asMap })).toMatchObject({ tokenUsage });
    expect(figures({ 'mlflow.chat.tokenUsage': text(JSON.stringify(tokenUsage)), 'gen_ai.usage.input_tokens': int(99n) })).toMatchObject({ tokenUsage });
    const cost = { input_cost: 0.25, output_cost: 0.5, total_cost: 0.75 };
    const asDoubles = map(Object.fromEntries(Object.entries(cost).map(([key, dollars]) => [key, double(dollars)])));
    expect(figures({ 'mlflow.llm.cost': asDoubles })).toMatchObject({ cost });
    expect(figures({ 'mlflow.llm.model': text('gpt'), 'mlflow.llm.provider': text('openai'), 'mlflow.spanType': text('LLM') })).toMatchObject({
      modelName: 'gpt', modelProvider: 'openai', type: 'LLM',
    });
  });

  it('are what OpenTelemetry’s conventions for generative AI say', () => {
    const said = {
      'gen_ai.usage.input_tokens': int(10n), 'gen_ai.usage.output_tokens': text('5'), 'gen_ai.usage.cache_read.input_tokens': int(2n),
      'gen_ai.usage.cache_creation.input_tokens': int(1n), 'gen_ai.request.model': text('asked'), 'gen_ai.response.model': text('answered'),
      'gen_ai.provider.name': text('openai'), 'gen_ai.operation.name': text('chat'), 'mlflow.spanType': text('UNKNOWN'),
    };
    expect(figures(said)).toEqual({
      tokenUsage: { input_tokens: 10, output_tokens: 5, total_tokens: 15, cache_read_input_tokens: 2, cache_creation_input_tokens: 1 }, cost: undefined,
      modelName: 'answered', modelProvider: 'openai', type: 'CHAT_MODEL',
    });
  });

  it('are what OpenInference and OpenLLMetry say, the first of them alone', () => {
    const openInference = { 'llm.token_count.prompt': int(1n), 'llm.model_name': text('m'), 'openinference.span.kind': text('TOOL') };
    expect(figures(openInference)).toMatchObject({ tokenUsage: { input_tokens: 1 }, modelName: 'm', type: 'TOOL' });
    const openLlmetry = { 'gen_ai.usage.prompt_tokens': int(1n), 'gen_ai.usage.completion_tokens': int(2n), 'gen_ai.system': text('openai'), 'traceloop.span.kind': text('task') };
    expect(figures(openLlmetry)).toMatchObject({ tokenUsage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 }, modelProvider: 'openai', type: 'TASK' });
    expect(figures({ ...openLlmetry, ...openInference }).tokenUsage).toEqual({ input_tokens: 1 });
  });

  it.each([
    ['nothing', {}], ['a text', { 'mlflow.chat.tokenUsage': text('many'), 'mlflow.llm.cost': text('{') }], ['a number', { 'mlflow.chat.tokenUsage': int(3n) }],
    ['halves and negatives without end', { 'gen_ai.usage.input_tokens': double(1.5), 'gen_ai.usage.output_tokens': text('9'.repeat(400)) }],
    ['a kind that is none', { 'gen_ai.operation.name': text('constructor'), 'gen_ai.request.model': int(1n) }],
  ])('are none in %s', (_, said) => {
    expect(figures(said)).toEqual({ tokenUsage: undefined, cost: undefined, modelName: undefined, modelProvider: undefined, type: undefined });
  });

  it('leave out what is no count and no cost', () => {
    expect(figures({ 'mlflow.chat.tokenUsage': text('{"input_tokens": 1.5, "output_tokens": "7", "total_tokens": 1e30, "__proto__": {"x": 1}}') }).tokenUsage).toEqual({});
    expect(figures({ 'mlflow.llm.cost': text('{"input_cost": 1e400, "total_cost": 0.5}') }).cost).toEqual({ total_cost: 0.5 });
    expect(figures({ 'mlflow.llm.model': text('m\0'.repeat(1_000)) }).modelName).toHaveLength(500);
  });
});
