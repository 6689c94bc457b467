/** What a stage has seen of the new version since it was entered. */
export interface StageStatistics {
  /** Requests that the new version has run, for answers or for comparison. */
  readonly requests: number;
  readonly rows: number;
  /** Requests on which it failed. */
  readonly errors: number;
  /** Outputs that were not finite. */
  readonly nonFinite: number;
  /** Requests that were not compared because the replicas were busy. */
  readonly dropped: number;
  /** 0 without rows. */
  readonly meanPredictionNew: number;
  /** Of whoever answered beside it, the fallback included; 0 without rows. */
  readonly meanPredictionIncumbent: number;
  /** That the incumbent's mean is of. */
  readonly rowsIncumbent: number;
  /** Between the new version and the answer that the caller got, per row; 0 outside `shadow`. */
  readonly largestDifference: number;
  readonly p99LatencyMs: number;
}

export type Verdict = 'pass' | 'fail' | 'inconclusive';

export interface Judgement {
  readonly verdict: Verdict;
  readonly evidence: string;
}

/** A fault is a fault in however few requests; without faults, too few requests prove nothing. */
export function judge(stage: string, statistics: StageStatistics, minimumRequests: number): Judgement {
  const { requests, rows, errors, nonFinite } = statistics;
  const failed = errors > 0 || nonFinite > 0;
  const enough = requests >= minimumRequests && rows > 0;
  return { verdict: failed ? 'fail' : enough ? 'pass' : 'inconclusive', evidence: evidenceOf(stage, statistics, minimumRequests) };
}

function evidenceOf(stage: string, statistics: StageStatistics, minimumRequests: number): string {
  const { requests, rows, errors, nonFinite, dropped, largestDifference } = statistics;
  const parts = [
    `${requests} of at least ${minimumRequests} requests with ${rows} rows`,
    `${errors} requests failed`,
    `${nonFinite} outputs were not finite`,
  ];
  if (stage === 'shadow') parts.push(`largest difference from the answers given ${largestDifference.toPrecision(4)}`);
  if (dropped > 0) parts.push(`${dropped} requests were not compared because the replicas were busy`);
  return `${parts.join('; ')}.`;
}
