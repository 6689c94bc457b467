/** What is to be done about one thing is done in the order in which it was asked for, one after the other; different things do not wait for each other. */
export class Turns {
  private readonly last = new Map<string, Promise<void>>();

  /** Number of things that somebody is busy with. */
  get size(): number {
    return this.last.size;
  }

  /** Rejects with what `tooLate` makes, without doing the work, when the turn took longer than `patienceMs` to come. */
  async take<Result>(name: string, work: () => Promise<Result>, patienceMs: number, tooLate: () => Error): Promise<Result> {
    const before = this.last.get(name);
    let pass = (): void => undefined;
    const own = new Promise<void>((resolve) => (pass = resolve));
    this.last.set(name, own);
    const askedAtMs = performance.now();
    try {
      if (before !== undefined) {
        await before;
        if (performance.now() - askedAtMs > patienceMs) throw tooLate();
      }
      return await work();
    } finally {
      if (this.last.get(name) === own) this.last.delete(name);
      pass();
    }
  }
}
