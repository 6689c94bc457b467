import { newId } from '@cairn/kernel';
import { describe, expect, it } from 'vitest';
import { convertRunId, streamIdOfRun } from './run-id.js';

describe('run id', () => {
  it('is the UUID of the stream without its dashes', () => {
    const id = newId();
    expect(convertRunId(id)).toBe(id.replaceAll('-', ''));
    expect(convertRunId(id.replaceAll('-', '').toUpperCase())).toBe(id.replaceAll('-', ''));
    expect(streamIdOfRun(convertRunId(id) ?? '')).toBe(id);
  });

  it.each(['', 'x', '0'.repeat(31), 'g'.repeat(32), '../etc'])('is not %j', (wireId) => expect(convertRunId(wireId)).toBeUndefined());
});
