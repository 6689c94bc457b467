/** One rollout that ended. Times are RFC 3339 UTC. */
export interface EndedRollout {
  readonly deployment: string;
  readonly version: number;
  readonly outcome: 'completed' | 'aborted';
  readonly endedAt: string;
  /** When the dataset version behind the version's training set was registered; absent when the log does not say. */
  readonly dataAt?: string;
}

export interface Incident {
  readonly deployment: string;
  readonly openedAt: string;
  /** Absent while it is open. */
  readonly resolvedAt?: string;
}

export interface FiguresRange {
  /** Included. */
  readonly from: string;
  /** Not included. */
  readonly to: string;
  /** For so long after a rollout an incident or a roll-back is held against it. */
  readonly failureWindowHours: number;
}

export interface Times {
  readonly samples: number;
  /** By nearest rank; null without samples. */
  readonly median_seconds: number | null;
  readonly p90_seconds: number | null;
}

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;

/**
 * The four figures of DORA (https://dora.dev/guides/dora-metrics-four-keys/), for models: from data to production instead of from commit to production.
 * `rollouts` are all that ended since `from`, in order of their end; `incidents` all that opened since then.
 */
export function computeFigures(rollouts: readonly EndedRollout[], incidents: readonly Incident[], range: FiguresRange) {
  const { from, to, failureWindowHours } = range;
  const isIn = (time: string) => seconds(time) >= seconds(from) && seconds(time) < seconds(to);
  const ended = rollouts.filter(({ endedAt }) => isIn(endedAt));
  const completed = ended.filter(({ outcome }) => outcome === 'completed');
  const leads = completed.flatMap(({ dataAt, endedAt }) => (dataAt === undefined ? [] : [seconds(endedAt) - seconds(dataAt)]));
  const failures = ended.map((rollout) => failureOf(rollout, rollouts, incidents, failureWindowHours * HOUR_SECONDS));
  const opened = incidents.filter(({ openedAt }) => isIn(openedAt));
  const restored = opened.flatMap((incident) => restoreSeconds(incident, rollouts) ?? []);
  const days = (seconds(to) - seconds(from)) / DAY_SECONDS;
  const count = (kind: Failure) => failures.filter((one) => one === kind).length;
  const failed = failures.filter((one) => one !== undefined).length;
  return {
    lead_time: {
      definition: 'From the registration of the dataset version behind the training set of a model version to the completion of a rollout of that version; per completed rollout.',
      ...timesOf(leads),
      rollouts_without_known_data: completed.length - leads.length,
    },
    deployment_frequency: {
      definition: 'Completed rollouts, per day of the range; the seconds are those between one completion and the next of the same deployment within the range.',
      rollouts: completed.length,
      rollouts_per_day: completed.length / days,
      ...timesOf(gaps(completed)),
    },
    change_failure_rate: {
      definition:
        `Of the rollouts that ended in the range, those that were aborted, or rolled back to a lower version within ${failureWindowHours} hours of their completion, ` +
        'or after whose completion an incident of the deployment opened within that time; each is counted once, by the first of these that holds.',
      samples: ended.length,
      ratio: ended.length === 0 ? null : failed / ended.length,
      aborted: count('aborted'),
      rolled_back: count('rolled-back'),
      followed_by_incident: count('incident'),
    },
    time_to_restore: {
      definition:
        'From the opening of an incident to its resolution, or to the next completed rollout of the deployment, whichever is earlier; per incident that opened in ' +
        'the range.',
      ...timesOf(restored),
      still_open: opened.length - restored.length,
    },
  };
}

type Failure = 'aborted' | 'rolled-back' | 'incident' | undefined;

function failureOf(rollout: EndedRollout, rollouts: readonly EndedRollout[], incidents: readonly Incident[], windowSeconds: number): Failure {
  if (rollout.outcome === 'aborted') return 'aborted';
  const end = seconds(rollout.endedAt);
  const next = nextCompleted(rollout.deployment, end, rollouts);
  if (next !== undefined && next.version < rollout.version && seconds(next.endedAt) - end <= windowSeconds) return 'rolled-back';
  const until = Math.min(end + windowSeconds, next === undefined ? Infinity : seconds(next.endedAt));
  const isFollowed = incidents.some(({ deployment, openedAt }) => deployment === rollout.deployment && seconds(openedAt) > end && seconds(openedAt) <= until);
  return isFollowed ? 'incident' : undefined;
}

/** Undefined while it is open. */
function restoreSeconds({ deployment, openedAt, resolvedAt }: Incident, rollouts: readonly EndedRollout[]): number | undefined {
  const opened = seconds(openedAt);
  const next = nextCompleted(deployment, opened, rollouts);
  const ends = [resolvedAt, next?.endedAt].flatMap((time) => (time === undefined ? [] : [seconds(time)]));
  return ends.length === 0 ? undefined : Math.min(...ends) - opened;
}

function nextCompleted(deployment: string, after: number, rollouts: readonly EndedRollout[]): EndedRollout | undefined {
  return rollouts.find((one) => one.outcome === 'completed' && one.deployment === deployment && seconds(one.endedAt) > after);
}

function gaps(completed: readonly EndedRollout[]): number[] {
  const last = new Map<string, number>();
  return completed.flatMap(({ deployment, endedAt }) => {
    const [before, now] = [last.get(deployment), seconds(endedAt)];
    last.set(deployment, now);
    return before === undefined ? [] : [now - before];
  });
}

function timesOf(values: readonly number[]): Times {
  const sorted = [...values].sort((one, other) => one - other);
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? null;
  return { samples: sorted.length, median_seconds: rank(0.5), p90_seconds: rank(0.9) };
}

function seconds(time: string): number {
  return Date.parse(time) / 1_000;
}
