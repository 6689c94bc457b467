import type { otlp } from '@cairn/contracts';
import { storable, textOfValue } from './any-value.js';
import { costFigures, tokenFigures, type Figures } from './figures.js';

/** What a span says of the call of a model; absent where it says nothing. */
export interface SpanFigures {
  readonly type: string | undefined;
  readonly tokenUsage: Figures | undefined;
  readonly cost: Figures | undefined;
  readonly modelName: string | undefined;
  readonly modelProvider: string | undefined;
}

/** How one convention names what a span says. */
interface Convention {
  readonly input: string;
  readonly output: string;
  readonly total?: string;
  readonly cacheRead?: string;
  readonly cacheCreation?: readonly string[];
}

/** MLflow's server reads these, in this order, where its own attribute is absent (mlflow/tracing/otel/translation): OpenInference, OpenTelemetry's GenAI, OpenLLMetry. */
const conventions: readonly Convention[] = [
  {
    input: 'llm.token_count.prompt', output: 'llm.token_count.completion', total: 'llm.token_count.total', cacheRead: 'llm.token_count.prompt_details.cache_read',
    cacheCreation: ['llm.token_count.prompt_details.cache_write'],
  },
  {
    input: 'gen_ai.usage.input_tokens', output: 'gen_ai.usage.output_tokens', cacheRead: 'gen_ai.usage.cache_read.input_tokens',
    cacheCreation: ['gen_ai.usage.cache_write.input_tokens', 'gen_ai.usage.cache_creation.input_tokens'],
  },
  { input: 'gen_ai.usage.prompt_tokens', output: 'gen_ai.usage.completion_tokens', total: 'llm.usage.total_tokens' },
];
const MODEL_NAMES = [
  'mlflow.llm.model', 'llm.response.model_name', 'llm.model_name', 'llm.request.model_name', 'embedding.model_name', 'gen_ai.response.model', 'gen_ai.request.model',
];
const MODEL_PROVIDERS = ['mlflow.llm.provider', 'llm.provider', 'gen_ai.provider.name', 'gen_ai.system'];
const SPAN_TYPE = 'mlflow.spanType';
const NO_TYPE = 'UNKNOWN';
/** Types of spans by what the conventions call their kind; OpenInference's are MLflow's own. */
const kinds: readonly (readonly [attribute: string, types: Readonly<Record<string, string>>])[] = [
  ['openinference.span.kind', Object.fromEntries(
    ['TOOL', 'CHAIN', 'LLM', 'RETRIEVER', 'EMBEDDING', 'AGENT', 'RERANKER', 'GUARDRAIL', 'EVALUATOR'].map((kind) => [kind, kind]),
  )],
  ['gen_ai.operation.name', {
    chat: 'CHAT_MODEL', create_agent: 'AGENT', embeddings: 'EMBEDDING', execute_tool: 'TOOL', generate_content: 'LLM', invoke_agent: 'AGENT', text_completion: 'LLM',
    response: 'LLM',
  }],
  ['traceloop.span.kind', { workflow: 'WORKFLOW', task: 'TASK', agent: 'AGENT', tool: 'TOOL' }],
];
const MAX_NAME_LENGTH = 500;

/** Of the attributes of one span, all of them: what is too long to be searched for is counted nevertheless. */
export function spanFigures(attributes: readonly otlp.KeyValue[]): SpanFigures {
  const values = new Map(attributes.map(({ key, value }) => [key, value]));
  const text = (key: string): string | undefined => (values.has(key) ? textOfValue(values.get(key)) : undefined);
  const named = (keys: readonly string[]): string | undefined => {
    const found = keys.map((key) => values.get(key)?.value).find((value) => value?.case === 'stringValue' && value.value !== '');
    return found?.case === 'stringValue' ? storable(found.value, MAX_NAME_LENGTH) : undefined;
  };
  return {
    type: typeOf(text),
    tokenUsage: values.has('mlflow.chat.tokenUsage') ? tokenFigures(text('mlflow.chat.tokenUsage')) : usageOf(text),
    cost: costFigures(text('mlflow.llm.cost')),
    modelName: named(MODEL_NAMES),
    modelProvider: named(MODEL_PROVIDERS),
  };
}

function typeOf(text: (key: string) => string | undefined): string | undefined {
  const own = text(SPAN_TYPE);
  if (own !== undefined && own !== NO_TYPE) return storable(own, MAX_NAME_LENGTH);
  for (const [attribute, types] of kinds) {
    const kind = text(attribute);
    if (kind !== undefined && Object.hasOwn(types, kind)) return types[kind];
  }
  return own;
}

/** The first convention that says anything counts alone. A total that is not reported is the sum of what went in and what came out. */
function usageOf(text: (key: string) => string | undefined): Figures | undefined {
  for (const { input, output, total, cacheRead, cacheCreation = [] } of conventions) {
    const [into, out] = [wholeNumber(text(input)), wholeNumber(text(output))];
    const sum = wholeNumber(total && text(total)) ?? (into !== undefined && out !== undefined ? into + out : undefined);
    if (into === undefined && out === undefined && sum === undefined) continue;
    const created = cacheCreation.map((key) => wholeNumber(text(key))).find((tokens) => tokens !== undefined);
    const usage = {
      input_tokens: into, output_tokens: out, total_tokens: sum, cache_read_input_tokens: wholeNumber(cacheRead && text(cacheRead)), cache_creation_input_tokens: created,
    };
    return tokenFigures(JSON.stringify(usage));
  }
  return undefined;
}

/** Exporters write counts as numbers or as texts. */
function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^-?\d{1,16}$/.test(text)) return undefined;
  return Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}
