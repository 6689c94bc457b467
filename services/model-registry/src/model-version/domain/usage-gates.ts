import type { NewVersion } from './commands.js';
import type { Finding } from './gates.js';
import type { Judged } from './judged.js';

/** The size is that of the content whose digest the version names, as its creator said it when the object store was found to hold it. */
export function sizeWithinBudget({ digest, sizeBytes }: NewVersion, { budget }: Judged): Finding {
  const limit = budget?.maxSizeBytes ?? 0n;
  if (limit === 0n) return ['inconclusive', 'No size was declared as the limit.'];
  if (digest === '') return ['inconclusive', 'The version names no content, so its size is not known.'];
  return sizeBytes <= limit ? ['pass', `${sizeBytes} bytes are within ${limit}.`] : ['fail', `${sizeBytes} bytes are more than ${limit}.`];
}

export function latencyWithinBudget(_: NewVersion, { budget, measurement }: Judged): Finding {
  const limit = budget?.maxP99LatencyMs ?? 0;
  if (limit === 0) return ['inconclusive', 'No latency was declared as the limit.'];
  if (measurement === undefined) return ['inconclusive', 'Nobody has measured the latency of the version.'];
  const { p99LatencyMs, requests, conditions } = measurement;
  const needed = budget?.minRequests ?? 0n;
  const shown = `p99 ${p99LatencyMs} ms over ${requests} requests${conditions === '' ? '' : ` (${conditions})`}`;
  if (requests < needed) return ['inconclusive', `${shown} rests on fewer than ${needed} requests.`];
  return p99LatencyMs <= limit ? ['pass', `${shown} is within ${limit} ms.`] : ['fail', `${shown} is above ${limit} ms.`];
}

/** A freeze holds from its beginning up to, and without, its end. */
export function notFrozen(_: NewVersion, { freezes, now }: Judged): Finding {
  const moment = Date.parse(now);
  const [freeze] = freezes.filter(({ from, to }) => Date.parse(from) <= moment && moment < Date.parse(to));
  if (freeze === undefined) return ['pass', `No freeze holds at ${now}.`];
  return ['fail', `Frozen from ${freeze.from} until ${freeze.to}: ${freeze.reason}`];
}
