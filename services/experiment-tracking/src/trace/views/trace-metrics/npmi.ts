/** How many traces there are, how many meet each of two filters, and how many meet both. */
export interface FilterCounts {
  readonly total: number;
  readonly first: number;
  readonly second: number;
  readonly joint: number;
}

/** From -1 (never together) over 0 (independent) to 1 (always together). */
export interface Npmi {
  readonly npmi: number;
  /** With half a trace added to each of the four cells (Jeffreys prior), which steadies small counts. */
  readonly smoothed: number;
}

const JEFFREYS_PRIOR = 0.5;

/**
 * Normalized pointwise mutual information of two filters (Bouma 2009; mlflow/store/analytics/trace_correlation.py). Undefined where one of them meets nothing,
 * or the counts contradict each other.
 */
export function npmiOf({ total, first, second, joint }: FilterCounts): Npmi | undefined {
  const cells: Cells = [joint, first - joint, second - joint, total - first - second + joint];
  if (total <= 0 || first === 0 || second === 0 || cells.some((cell) => cell < 0)) return undefined;
  // Nothing is undecided where every trace meets both.
  if (joint === total) return { npmi: 1, smoothed: 1 };
  return { npmi: joint === 0 ? -1 : core(cells), smoothed: core(cells.map((cell) => cell + JEFFREYS_PRIOR)) };
}

/** Both, only the first, only the second, neither. */
type Cells = readonly number[];

/** ln(p(xy) / (p(x) p(y))) / -ln p(xy), in logarithms, so that no product gets too large. */
function core([both = 0, onlyFirst = 0, onlySecond = 0, neither = 0]: Cells): number {
  const log = { both: Math.log(both), all: Math.log(both + onlyFirst + onlySecond + neither) };
  const mutual = log.both + log.all - (Math.log(both + onlyFirst) + Math.log(both + onlySecond));
  return Math.max(-1, Math.min(1, mutual / (log.all - log.both)));
}
