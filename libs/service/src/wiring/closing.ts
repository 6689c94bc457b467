/** Closes in the opposite order of opening; one that fails does not keep the others open. */
export class Closing {
  private readonly steps: (() => Promise<void>)[] = [];

  add(step: () => Promise<void>): void {
    this.steps.unshift(step);
  }

  onClose<Part extends { close(): Promise<void> }>(part: Part): Part {
    this.add(() => part.close());
    return part;
  }

  async run(onFailure: (error: unknown) => void): Promise<void> {
    for (const step of this.steps.splice(0)) {
      try {
        await step();
      } catch (error) {
        onFailure(error);
      }
    }
  }
}
