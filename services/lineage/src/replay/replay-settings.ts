import type { EnvReader } from '@cairn/service';

export interface ReplaySettings {
  /** Digests of all read models are recorded whenever the log has grown by so many events; 0: only when somebody asks. */
  readonly digestEveryEvents: number;
  /** A client of the event stream that takes nothing for so long is cut. */
  readonly stallMs: number;
}

/** A round of digests appends an event per service: far fewer events than this would set off the next round. */
const FEWEST_EVENTS = 1_000;

export function readReplaySettings(env: EnvReader): ReplaySettings {
  const digestEveryEvents = env.integer('CAIRN_DIGEST_EVERY_EVENTS', { fallback: 0, min: 0, max: 1_000_000_000 });
  if (digestEveryEvents !== 0 && digestEveryEvents < FEWEST_EVENTS) env.problem(`CAIRN_DIGEST_EVERY_EVENTS is 0, for never, or at least ${FEWEST_EVENTS}.`);
  return { digestEveryEvents, stallMs: env.integer('CAIRN_REPLAY_STALL_MS', { fallback: 30_000, min: 50, max: 600_000 }) };
}
