/** What several sources yield, in the order in which it comes; ends when all have ended. */
export async function* merged<Item>(...sources: readonly AsyncGenerator<Item, void>[]): AsyncGenerator<Item, void> {
  const pull = (source: AsyncGenerator<Item, void>) => source.next().then((result) => ({ source, result }));
  const pending = new Map(sources.map((source) => [source, pull(source)]));
  try {
    while (pending.size > 0) {
      const { source, result } = await Promise.race(pending.values());
      if (result.done === true) {
        pending.delete(source);
        continue;
      }
      pending.set(source, pull(source));
      yield result.value;
    }
  } finally {
    for (const source of pending.keys()) void source.return();
  }
}
