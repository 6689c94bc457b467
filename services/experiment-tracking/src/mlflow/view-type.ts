import { invalidParameter } from '@cairn/mlflow';

export type ViewType = 'active' | 'deleted' | 'all';

const types: Readonly<Record<string, ViewType>> = { '': 'active', ACTIVE_ONLY: 'active', DELETED_ONLY: 'deleted', ALL: 'all' };

/** What a search is to show; what is there alone when it does not say. */
export function convertViewType(viewType = ''): ViewType {
  const type = Object.hasOwn(types, viewType) ? types[viewType] : undefined;
  if (type === undefined) throw invalidParameter(`Invalid view type '${viewType}'. Valid view types are ['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'].`);
  return type;
}
