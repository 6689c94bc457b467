/** Undoes steps in the opposite order of doing; one that fails does not keep the others from being undone. */
export class Cleanup {
  private readonly steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.steps.push(step);
  }

  /** Safe to call twice. The failures, if any, come as one AggregateError at the end. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `Stopping left something behind: ${failures.map(String).join('; ')}`);
  }
}
