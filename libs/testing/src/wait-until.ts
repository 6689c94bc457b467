import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 10;

/**
 * Asks until the answer is neither false nor undefined nor null, and gives it. Throws after `deadlineMs` with `what` and the last error that
 * the question threw: a question may throw as long as its subject is not there yet.
 */
export async function waitUntil<T>(
  what: string,
  question: () => T | Promise<T>,
  deadlineMs = 90_000,
): Promise<Exclude<T, false | undefined | null>> {
  const end = performance.now() + deadlineMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await question();
      cause = undefined;
      if (answer !== false && answer !== undefined && answer !== null) return answer as Exclude<T, false | undefined | null>;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= end) throw new Error(`Not within ${deadlineMs} ms: ${what}`, { cause });
    await delay(PAUSE_MS);
  }
}
