import { invalidParameter } from '@cairn/mlflow';

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

/** Filters wait for a real parser; until then a filter is refused rather than half understood. */
export function refuseFilter(filter: string | undefined): void {
  if (filter === undefined || filter.trim() === '') return;
  throw invalidParameter(`Filters are not supported yet, so '${filter.slice(0, 100)}' was not applied: leave the filter empty and select from the results.`);
}

/** Nothing can be deleted yet: a search of deleted things alone finds none. */
export function asksForDeletedOnly(viewType: string | undefined): boolean {
  if (viewType === undefined || viewType === '' || viewType === 'ACTIVE_ONLY' || viewType === 'ALL') return false;
  if (viewType === 'DELETED_ONLY') return true;
  throw invalidParameter(`Invalid view type '${viewType}'. Valid view types are ['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'].`);
}
