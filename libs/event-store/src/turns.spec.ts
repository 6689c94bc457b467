import { describe, expect, it } from 'vitest';
import { Turns } from './turns.js';

const tooLate = (): Error => new Error('too late');

describe('turns', () => {
  it('come in the order in which they were asked for, also after a failure, and not across names', async () => {
    const turns = new Turns();
    const done: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const first = turns.take('a', () => held.then(() => void done.push('a1')), 60_000, tooLate);
    const failing = turns.take('a', () => Promise.reject(new Error('no')), 60_000, tooLate);
    const third = turns.take('a', async () => done.push('a3'), 60_000, tooLate);
    await turns.take('b', async () => done.push('b'), 60_000, tooLate);
    release();
    await expect(failing).rejects.toThrow('no');
    await Promise.all([first, third]);
    expect(done).toEqual(['b', 'a1', 'a3']);
    expect(turns.size).toBe(0);
  });

  it('are given up by those whose patience has ended', async () => {
    const turns = new Turns();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const first = turns.take('a', () => held, 60_000, tooLate);
    const impatient = turns.take('a', () => Promise.reject(new TypeError('worked')), -1, tooLate);
    const patient = turns.take('a', async () => 'worked', 60_000, tooLate);
    release();
    await expect(impatient).rejects.toThrow('too late');
    expect(await patient).toBe('worked');
    await first;
  });
});
