/** A step of the demo did not hold; the demo ends with a non-zero exit code and this sentence. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

export function hold(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new StepFailed(sentence);
}

/** Asks until the answer is there. The deadline makes a stuck system a clear failure. */
export async function until<Value>(what: string, ask: () => Promise<Value | undefined>, deadlineSeconds = 90): Promise<Value> {
  const deadline = performance.now() + deadlineSeconds * 1000;
  for (;;) {
    const value = await ask();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new StepFailed(`${what} did not happen within ${deadlineSeconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
