import type { Known, Missing, RunRecord } from './facts.js';
import { codeOf, dataOf, entryPointOf, environmentOf, hardwareOf, librariesOf, seedsOf } from './parts.js';

export const PARTS = ['code', 'entry_point', 'environment', 'data', 'seeds', 'hardware', 'libraries'] as const;

export interface ReportedPart {
  readonly part: (typeof PARTS)[number];
  readonly known: readonly Known[];
  readonly missing: readonly Missing[];
}

export interface ReproducibilityReport {
  readonly runId: string;
  /** `complete` when nothing is missing; whether a rerun gives the same numbers only a rerun shows. */
  readonly verdict: 'complete' | 'incomplete';
  readonly parts: readonly ReportedPart[];
}

const readers = { code: codeOf, entry_point: entryPointOf, environment: environmentOf, data: dataOf, seeds: seedsOf, hardware: hardwareOf, libraries: librariesOf };

/** What a rerun needs: what the record says and where, and what it does not say. Nothing is guessed: what nobody recorded is missing. */
export function reproducibilityOf(run: RunRecord): ReproducibilityReport {
  const parts = PARTS.map((part) => ({ part, ...readers[part](run) }));
  return { runId: run.runId, verdict: parts.every(({ missing }) => missing.length === 0) ? 'complete' : 'incomplete', parts };
}
