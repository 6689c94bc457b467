import { invalidParameter } from '@cairn/mlflow';

/** Nothing can be deleted yet: a search of deleted things alone finds none. */
export function asksForDeletedOnly(viewType: string | undefined): boolean {
  if (viewType === undefined || viewType === '' || viewType === 'ACTIVE_ONLY' || viewType === 'ALL') return false;
  if (viewType === 'DELETED_ONLY') return true;
  throw invalidParameter(`Invalid view type '${viewType}'. Valid view types are ['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'].`);
}
