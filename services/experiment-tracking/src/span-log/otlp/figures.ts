/** Named numbers, e.g. `{"input_tokens": 10}`; only what is there, each finite. */
export type Figures = Readonly<Record<string, number>>;

/** mlflow.tracing.constant, TokenUsageKey: the first three are in every sum, the others where somebody reports them. */
export const TOKEN_KEYS = ['input_tokens', 'output_tokens', 'total_tokens'] as const;
export const CACHE_KEYS = ['cache_read_input_tokens', 'cache_creation_input_tokens', 'cache_creation_input_tokens_above_1hr'] as const;
/** mlflow.tracing.constant, CostKey: US dollars. */
export const COST_KEYS = ['input_cost', 'output_cost', 'total_cost'] as const;

/** No call costs that much; sums of what is below stay finite. */
const MAX_COST = 1e15;

/** Tokens by kind of the text of a JSON object, whole numbers alone; undefined for what is no object. */
export function tokenFigures(text: string | undefined): Figures | undefined {
  return figuresIn(text, [...TOKEN_KEYS, ...CACHE_KEYS], Number.isSafeInteger);
}

/** Cost by kind, in US dollars, of the text of a JSON object; undefined for what is no object. */
export function costFigures(text: string | undefined): Figures | undefined {
  return figuresIn(text, COST_KEYS, (cost) => Math.abs(cost) <= MAX_COST);
}

function figuresIn(text: string | undefined, keys: readonly string[], fits: (number: number) => boolean): Figures | undefined {
  const held = objectOf(text);
  if (held === undefined) return undefined;
  const numbers = new Map(Object.entries(held));
  return Object.fromEntries(keys.flatMap((key) => {
    const number = numbers.get(key);
    return typeof number === 'number' && fits(number) ? [[key, number]] : [];
  }));
}

function objectOf(text: string | undefined): object | undefined {
  if (text?.trimStart().startsWith('{') !== true) return undefined;
  try {
    const held: unknown = JSON.parse(text);
    return typeof held === 'object' && held !== null ? held : undefined;
  } catch {
    return undefined;
  }
}
