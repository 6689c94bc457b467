import { invalidParameter } from '@cairn/mlflow';

/** MLflow's client adds this to every search for models, since prompts lie in the same registry. Prompts are left out here in any case. */
const NO_PROMPTS = /^tags?\.`mlflow\.prompt\.is_prompt` != 'true'$/;
const ONE_CLAUSE = /^(?<field>name|run_id)\s*=\s*(?:'(?<single>[^'\\]*)'|"(?<double>[^"\\]*)")$/;

/**
 * The one filter that needs no grammar: a field equal to a text. Whatever says more waits for a real parser and is refused, rather than half
 * understood. Undefined without a filter.
 */
export function simpleFilter<Field extends 'name' | 'run_id'>(filter: string | undefined, fields: readonly Field[]): { readonly field: Field; readonly value: string } | undefined {
  const [text = '', ...others] = (filter ?? '').split(/\s+AND\s+/i).filter((clause) => !NO_PROMPTS.test(clause.trim()));
  if (text.trim() === '' && others.length === 0) return undefined;
  const { field, single, double } = ONE_CLAUSE.exec(text.trim())?.groups ?? {};
  const known = fields.find((name) => name === field);
  const value = single ?? double;
  if (known === undefined || value === undefined || others.length > 0) {
    throw invalidParameter(`The filter '${(filter ?? '').slice(0, 100)}' is not supported yet: leave it empty, or write ${fields.map((name) => `${name} = '…'`).join(' or ')}.`);
  }
  return { field: known, value };
}
