import { setImmediate as nextTurn } from 'node:timers/promises';

const IN_ONE_TURN = 16;

/**
 * Does something for each, a few in each turn of the event loop: what a hundred callers do once they are told, all in one breath, would keep everybody else waiting.
 * The first few are done before it returns.
 */
export async function inTurns<Item>(items: readonly Item[], does: (item: Item) => void): Promise<void> {
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % IN_ONE_TURN === 0) await nextTurn();
    does(item);
  }
}
