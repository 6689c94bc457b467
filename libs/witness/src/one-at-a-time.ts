/** Runs tasks of the same name one after the other, in the order in which they came; tasks of different names do not wait for each other. */
export class OneAtATime {
  private readonly last = new Map<string, Promise<unknown>>();

  async run<T>(name: string, task: () => Promise<T>): Promise<T> {
    const before = this.last.get(name) ?? Promise.resolve();
    const current = before.then(task, task);
    this.last.set(name, current);
    try {
      return await current;
    } finally {
      if (this.last.get(name) === current) this.last.delete(name);
    }
  }
}
