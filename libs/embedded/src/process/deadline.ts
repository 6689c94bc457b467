import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 15;

/** Asks again and again until the answer is there; undefined when the time is over first. */
export async function until<T>(deadlineMs: number, answer: () => T | undefined | Promise<T | undefined>): Promise<T | undefined> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await answer();
    if (found !== undefined) return found;
    if (performance.now() >= end) return undefined;
    await delay(PAUSE_MS);
  }
}
