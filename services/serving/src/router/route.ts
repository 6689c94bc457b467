import type { Stage } from '../deployment/domain/state.js';
import { shareOf } from './share.js';

/** How a prediction came about. `shadow` rows are compared and never answered. */
export type Arm = 'live' | 'canary' | 'full' | 'pinned' | 'fallback' | 'shadow';

export interface Candidate<Version> {
  readonly version: Version;
  readonly rolloutId: string;
  readonly stage: Stage;
  /** Share of requests that it answers in `canary`. */
  readonly weight: number;
}

export interface Route<Version> {
  readonly arm: Exclude<Arm, 'shadow'>;
  /** Probability with which a key that nobody has seen gets this arm, in (0, 1]. */
  readonly propensity: number;
  /** Who answers; undefined: the constant. */
  readonly version: Version | undefined;
  /** Who runs beside it for comparison. */
  readonly compare: Version | undefined;
  /** The kill switch decided it. */
  readonly killed?: true;
}

/** Who answers where no version is live, and alone while the kill switch is on. */
export interface Standby<Version> {
  /** Undefined: the constant. */
  readonly version: Version | undefined;
  readonly killed: boolean;
}

/** `key` names who asks: the same key is answered by the same arm throughout a stage. */
export function route<Version>(live: Version | undefined, candidate: Candidate<Version> | undefined, key: string, standby: Standby<Version>): Route<Version> {
  const fallback: Route<Version> = { arm: 'fallback', propensity: 1, version: standby.version, compare: undefined };
  if (standby.killed) return { ...fallback, killed: true };
  const incumbent: Route<Version> = live === undefined ? fallback : { arm: 'live', propensity: 1, version: live, compare: undefined };
  switch (candidate?.stage) {
    case undefined:
      return incumbent;
    case 'shadow':
      return { ...incumbent, compare: candidate?.version };
    case 'canary':
      return shareOf(candidate.rolloutId, key) < candidate.weight
        ? { arm: 'canary', propensity: candidate.weight, version: candidate.version, compare: undefined }
        : { ...incumbent, propensity: 1 - candidate.weight };
    case 'full':
      return { arm: 'full', propensity: 1, version: candidate?.version, compare: undefined };
  }
}
