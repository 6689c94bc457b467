import { Tabular } from '@cairn/tabular';
import type { Closing } from './closing.js';

/**
 * A `Tabular` whose child process starts with the first question: most services of a process never ask one. Every method of it answers by a promise, which
 * is what makes this possible.
 */
export function lazyTabular(directory: string, closing: Closing): Tabular {
  let started: Promise<Tabular> | undefined;
  closing.add(async () => {
    await (await started)?.close();
  });
  const start = (): Promise<Tabular> => {
    started ??= Tabular.start({ directory }).catch((error: unknown) => {
      started = undefined;
      throw error;
    });
    return started;
  };
  return new Proxy({} as Tabular, {
    get(_, name) {
      // Whoever awaits or injects the proxy asks for these, and is no question.
      if (name === 'then' || typeof name === 'symbol' || name.startsWith('on')) return undefined;
      return async (...args: unknown[]): Promise<unknown> => {
        const tabular = await start();
        const method: unknown = Reflect.get(tabular, name);
        if (typeof method !== 'function') throw new TypeError(`Tabular has no method ${name}`);
        return Reflect.apply(method, tabular, args);
      };
    },
  });
}
