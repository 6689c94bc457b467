import type { Replica } from '../replica/replica.js';

/** How many runs there are of each key; what has none is not kept. */
export class RunCounts<Key> {
  private readonly counts = new Map<Key, number>();

  get keys(): readonly Key[] {
    return [...this.counts.keys()];
  }

  has(key: Key): boolean {
    return this.counts.has(key);
  }

  of(key: Key): number {
    return this.counts.get(key) ?? 0;
  }

  begin(key: Key): void {
    this.counts.set(key, this.of(key) + 1);
  }

  end(key: Key): void {
    const left = this.of(key) - 1;
    if (left > 0) this.counts.set(key, left);
    else this.counts.delete(key);
  }
}

/** Of the replicas with fewer than `most` runs the one with the fewest. */
export function leastBusy(replicas: readonly Replica[], running: RunCounts<Replica>, most: number): Replica | undefined {
  let [best, least]: [Replica | undefined, number] = [undefined, most];
  for (const replica of replicas) {
    const runs = running.of(replica);
    if (runs < least) [best, least] = [replica, runs];
  }
  return best;
}
