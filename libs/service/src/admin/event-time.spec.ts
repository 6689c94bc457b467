import { describe, expect, it } from 'vitest';
import { eventTime } from './event-time.js';

describe('eventTime', () => {
  it.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000000Z'],
    ['2026-01-31T12:00:00.5Z', '2026-01-31T12:00:00.500000Z'],
    ['2026-01-31T12:00:00.1234567+01:00', '2026-01-31T11:00:00.123456Z'],
  ])('writes %s as events carry it', (text, time) => {
    expect(eventTime(text)).toBe(time);
  });

  it.each(['2026-01-31', 'now', '2026-13-31T12:00:00Z', '2026-01-31T12:00:00', '2026-01-31 12:00:00Z', ''])('refuses %s', (text) => {
    expect(() => eventTime(text)).toThrow(expect.objectContaining({ code: 'INVALID_TIME', kind: 'invalid' }));
  });
});
