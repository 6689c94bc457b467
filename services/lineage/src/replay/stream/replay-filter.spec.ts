import { describe, expect, it } from 'vitest';
import { parseReplayFilter, passes } from './replay-filter.js';

const event = { type: 'cairn.registry.v1.AliasMoved', stream: 'registered-model-1' };

describe('a filter', () => {
  it.each([
    ['type:cairn.registry.', true],
    ['type:cairn.serving.,type:cairn.registry.v1.Alias', true],
    ['stream:registered-model-', true],
    ['type:cairn.registry.,stream:run-', false],
    ['type:cairn.serving.,stream:registered-model-', false],
  ])('%s lets an event of the registry pass: %s', (text, expected) => {
    expect(passes(parseReplayFilter(text), event)).toBe(expected);
  });

  it('of nothing lets everything pass', () => {
    expect(passes({ types: [], streams: [] }, event)).toBe(true);
  });

  it.each(['', 'cairn.registry.', 'type:', 'kind:x', 'type:a,,type:b', 'type:a b', Array(33).fill('type:a').join()])('is refused when it reads "%s"', (text) => {
    expect(() => parseReplayFilter(text)).toThrow(expect.objectContaining({ code: 'INVALID_FILTER', kind: 'invalid' }));
  });
});
