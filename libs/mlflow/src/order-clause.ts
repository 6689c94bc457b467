import { invalidParameter } from './mlflow-error.js';

export interface OrderClause {
  /** What stands before the dot, lower case, e.g. `metrics`; empty when there is no dot before a plain name. */
  readonly kind: string;
  readonly key: string;
  readonly descending: boolean;
}

const CLAUSE = /^\s*(?:(?<kind>[a-z]+)\.)?(?:`(?<ticked>[^`]+)`|"(?<quoted>[^"]+)"|(?<plain>[^\s`"]+))(?:\s+(?<direction>asc|desc))?\s*$/i;

/** One clause of `order_by`: `metrics.auc DESC`, `params."learning rate"`, `start_time`. */
export function orderClause(text: string): OrderClause {
  const { kind = '', ticked, quoted, plain, direction = 'asc' } = CLAUSE.exec(text)?.groups ?? {};
  const key = ticked ?? quoted ?? plain;
  if (key === undefined) throw invalidParameter(`Invalid order_by clause '${text}': write a key such as metrics.auc, then ASC or DESC.`);
  return { kind: kind.toLowerCase(), key, descending: direction.toLowerCase() === 'desc' };
}
