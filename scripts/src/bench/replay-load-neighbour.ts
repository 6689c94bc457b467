import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { BenchReadModel } from './command-load.js';

export type Neighbour = 'nothing' | 'a replay in another process' | 'a replay in the same process';

/** Replays that were made, one after the other. */
export interface Replays {
  readonly count: number;
  readonly seconds: number;
}

/** Ends the replay at hand; nothing is begun any more. */
export type Stop = () => Promise<Replays>;

/** Begins to replay over and over; answers how to end it. */
export async function startNeighbour(neighbour: Neighbour, url: string, readModel: BenchReadModel): Promise<Stop> {
  switch (neighbour) {
    case 'nothing':
      return async () => ({ count: 0, seconds: 0 });
    case 'a replay in the same process': {
      const stop = new AbortController();
      const running = replayUntil(readModel, stop.signal);
      return async () => {
        stop.abort();
        return running;
      };
    }
    case 'a replay in another process': {
      const child = fork(join(import.meta.dirname, 'replay-load-process.js'), [url]);
      await once(child, 'message');
      return async () => {
        const told = once(child, 'message') as Promise<[Replays]>;
        const exited = once(child, 'exit');
        child.send('stop');
        const [replays] = await told;
        await exited;
        return replays;
      };
    }
    default: {
      const unhandled: never = neighbour;
      return unhandled;
    }
  }
}

/** Fails when a replay finds a difference: then the numbers would be those of something else. */
export async function replayUntil({ runner }: BenchReadModel, signal: AbortSignal): Promise<Replays> {
  const beganAtMs = performance.now();
  let count = 0;
  do {
    const { identical } = await runner.replay();
    if (identical !== true) throw new Error('The replayed rows are not the live ones.');
    count += 1;
  } while (!signal.aborted);
  return { count, seconds: (performance.now() - beganAtMs) / 1_000 };
}
