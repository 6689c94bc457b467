import type { Demand } from './commands.js';
import type { Evidence } from './evidence.js';
import type { Measurement } from './state.js';

/** All that a gate may compare. */
export interface Judged extends Evidence {
  /** RFC 3339 UTC. */
  readonly now: string;
  readonly budget?: Demand['budget'];
  readonly measurement?: Measurement;
}
