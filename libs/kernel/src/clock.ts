/** Now, RFC 3339 UTC with microseconds. */
export interface Clock {
  now(): string;
}

/**
 * Wall clock with the sub-millisecond part taken from the monotonic clock, so two events of one millisecond keep their
 * order. It never steps back within a process.
 */
export class SystemClock implements Clock {
  private lastMicros = 0n;

  now(): string {
    const micros = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000));
    const wall = BigInt(Date.now()) * 1000n;
    // The monotonic clock drifts from the wall clock over days: more than 10 ms apart, the wall clock is right.
    const drift = micros > wall ? micros - wall : wall - micros;
    const candidate = drift > 10_000n ? wall : micros;
    this.lastMicros = candidate > this.lastMicros ? candidate : this.lastMicros + 1n;
    return formatMicros(this.lastMicros);
  }
}

/** Stands still until told: for specs. */
export class FixedClock implements Clock {
  constructor(public time: string) {}
  now(): string {
    return this.time;
  }
}

function formatMicros(micros: bigint): string {
  const iso = new Date(Number(micros / 1000n)).toISOString();
  return `${iso.slice(0, -1)}${String(micros % 1000n).padStart(3, '0')}Z`;
}
