import { version } from 'uuid';
import { describe, expect, it } from 'vitest';
import { derivedId, eventIdOf, newId, streamCategory, streamId } from './ids.js';

describe('ids', () => {
  it('keeps lists of parts apart', () => {
    expect(derivedId('a', 'bc')).not.toBe(derivedId('ab', 'c'));
    expect(derivedId('a', 'bc')).toBe(derivedId('a', 'bc'));
  });

  it('derives time-ordered event ids from a time-ordered command id', () => {
    const command = newId();
    const event = eventIdOf(command, 'run-x', 0);
    expect(version(event)).toBe(7);
    expect(event.slice(0, 13)).toBe(command.slice(0, 13));
    expect(eventIdOf(command, 'run-x', 0)).toBe(event);
    expect(eventIdOf(command, 'run-x', 1)).not.toBe(event);
  });

  it('derives event ids from a derived command id too', () => {
    expect(version(eventIdOf(derivedId('key'), 'run-x', 0))).toBe(5);
  });

  it('splits a stream name whose category has dashes', () => {
    const id = newId();
    expect(streamCategory(`model-version-${id}`)).toBe('model-version');
    expect(streamId(`model-version-${id}`)).toBe(id);
  });
});
