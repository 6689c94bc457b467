import { describe, expect, it } from 'vitest';
import { Bell } from './bell.js';

describe('Bell', () => {
  const never = new AbortController().signal;

  it('wakes who waits', async () => {
    const bell = new Bell();
    const waiting = bell.wait(60_000, never);
    bell.ring();
    expect(await waiting).toBe(true);
  });

  it('keeps a ring that came before, once', async () => {
    const bell = new Bell();
    bell.ring();
    bell.ring();
    expect(await bell.wait(60_000, never)).toBe(true);
    expect(await bell.wait(1, never)).toBe(false);
  });

  it('ends with the signal, without having rung', async () => {
    const bell = new Bell();
    const stop = new AbortController();
    const waiting = bell.wait(60_000, stop.signal);
    stop.abort();
    expect(await waiting).toBe(false);
    expect(await bell.wait(60_000, stop.signal)).toBe(false);
  });
});
