import { describe, expect, it } from 'vitest';
import { asksForDeletedOnly } from './view-type.js';

describe('view type', () => {
  it('knows the view types', () => {
    expect(asksForDeletedOnly('DELETED_ONLY')).toBe(true);
    expect([undefined, '', 'ALL', 'ACTIVE_ONLY'].map(asksForDeletedOnly)).toEqual([false, false, false, false]);
    expect(() => asksForDeletedOnly('MINE')).toThrow(/view type/);
  });
});
