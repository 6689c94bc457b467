import { describe, expect, it } from 'vitest';
import { RememberedLookUp } from './remembered-look-up.js';

function watched() {
  const asked: string[] = [];
  const table = new Map([['a', { version: 1 }]]);
  let apply = (): void => undefined;
  let hold: Promise<void> | undefined;
  const lookUp = new RememberedLookUp<{ version: number }>({
    find: async (key) => {
      asked.push(key);
      const row = table.get(key);
      await hold;
      return row;
    },
    runner: { onApplied: (types, listener) => void (types.includes('changed') && (apply = listener)) },
    changedBy: ['changed'],
    max: 10,
  });
  return { lookUp, asked, table, apply: () => apply(), holdBack: (until: Promise<void>) => (hold = until) };
}

describe('a look-up that remembers', () => {
  it('asks once for a row that is there, and every time for one that is not', async () => {
    const { lookUp, asked } = watched();
    for (let time = 0; time < 2; time += 1) expect([await lookUp.find('a'), await lookUp.find('b')]).toEqual([{ version: 1 }, undefined]);
    expect(asked).toEqual(['a', 'b', 'b']);
  });

  it('asks again when an event may have changed it', async () => {
    const { lookUp, table, apply } = watched();
    await lookUp.find('a');
    table.set('a', { version: 2 });
    apply();
    expect(await lookUp.find('a')).toEqual({ version: 2 });
  });

  it('does not remember what it read before such an event', async () => {
    const { lookUp, table, apply, holdBack } = watched();
    let release = (): void => undefined;
    holdBack(new Promise((resolve) => (release = resolve)));
    const before = lookUp.find('a');
    table.set('a', { version: 2 });
    apply();
    release();
    expect(await before).toEqual({ version: 1 });
    expect(await lookUp.find('a')).toEqual({ version: 2 });
  });
});
