/** Two pages of usual events, read and parsed, still fit into the young generation of the heap. */
export const DEFAULT_PAGE = 500;
const LARGEST_PAGE = 10_000;

/** How many events a read may answer with. */
export function pageLimit(limit = DEFAULT_PAGE): number {
  return Math.min(Math.max(1, Math.trunc(limit)), LARGEST_PAGE);
}
