import { describe, expect, it } from 'vitest';
import { eventTime } from './event-time.js';

describe('eventTime', () => {
  it.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000000Z'],
    ['2026-01-31T12:00:00.5Z', '2026-01-31T12:00:00.500000Z'],
    ['2026-01-31T12:00:00.123456789Z', '2026-01-31T12:00:00.123456Z'],
    ['2026-01-31T14:00:00.000001+02:00', '2026-01-31T12:00:00.000001Z'],
  ])('reads %s', (text, expected) => {
    expect(eventTime(text)).toBe(expected);
  });

  it.each(['yesterday', '2026-01-31', '2026-01-31 12:00:00Z', '2026-13-01T00:00:00Z', ''])('refuses %s', (text) => {
    expect(() => eventTime(text)).toThrow('RFC 3339');
  });
});
