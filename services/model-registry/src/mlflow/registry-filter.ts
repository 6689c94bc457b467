import { filterTerms, invalidParameter, orderClause, parseFilter, type FilterRules, type FilterTerm } from '@cairn/mlflow';

/** MLflow keeps prompts among the models, under this tag. */
export const PROMPT_TAG = 'mlflow.prompt.is_prompt';

/** 32 bits, signed: the only numbers that a filter of the registry compares are those of versions. */
const MAX_VERSION = 2_147_483_647;

/** A filter of the registry. Its client says of every search whether it is for models or for prompts; without a word it is for models. */
export interface RegistryFilter<Column extends string> {
  readonly prompts: boolean;
  readonly terms: readonly FilterTerm<Column, 'tag'>[];
}

/** Throws INVALID_PARAMETER_VALUE. */
export function registryFilter<Column extends string>(
  filter: string | undefined,
  attributes: Pick<FilterRules<Column, 'tag'>, 'texts' | 'lists' | 'numbers'>,
): RegistryFilter<Column> {
  const terms = filterTerms(parseFilter(filter), { ...attributes, maxNumber: MAX_VERSION, keyed: { tags: 'tag', tag: 'tag' } });
  const [prompt] = terms.filter(isPromptTerm);
  return { prompts: prompt !== undefined && (prompt.comparator === '=') === (prompt.value === 'true'), terms: terms.filter((term) => !isPromptTerm(term)) };
}

/** Throws INVALID_PARAMETER_VALUE for a column that is not among `columns`. */
export function registryOrder<Column extends string>(
  clauses: readonly string[],
  columns: Readonly<Record<string, Column>>,
): { readonly column: Column; readonly descending: boolean }[] {
  return clauses.map((text) => {
    const { kind, key, descending } = orderClause(text);
    const column = kind === '' && Object.hasOwn(columns, key) ? columns[key] : undefined;
    if (column === undefined) throw invalidParameter(`Invalid order_by clause '${text}': order by ${Object.keys(columns).join(', ')}.`);
    return { column, descending };
  });
}

function isPromptTerm<Column extends string>(term: FilterTerm<Column, 'tag'>): boolean {
  return term.by === 'tag' && 'key' in term && term.key === PROMPT_TAG;
}
