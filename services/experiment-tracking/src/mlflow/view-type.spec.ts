import { describe, expect, it } from 'vitest';
import { convertViewType } from './view-type.js';

describe('convertViewType', () => {
  it('knows the view types', () => {
    expect([undefined, '', 'ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'].map(convertViewType)).toEqual(['active', 'active', 'active', 'deleted', 'all']);
    for (const unknown of ['MINE', 'constructor']) expect(() => convertViewType(unknown)).toThrow(/view type/);
  });
});
