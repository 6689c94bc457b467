import { describe, expect, it } from 'vitest';
import { asksForDeletedOnly, orderClause, refuseFilter } from './order-by.js';

describe('orderClause', () => {
  it.each([
    ['metrics.auc DESC', { kind: 'metrics', key: 'auc', descending: true }],
    ['metrics.auc', { kind: 'metrics', key: 'auc', descending: false }],
    ['metrics.val.auc asc', { kind: 'metrics', key: 'val.auc', descending: false }],
    ['params."learning rate" DESC', { kind: 'params', key: 'learning rate', descending: true }],
    ['tags.`a.b c`', { kind: 'tags', key: 'a.b c', descending: false }],
    ['  start_time   desc ', { kind: '', key: 'start_time', descending: true }],
    ['attributes.start_time', { kind: 'attributes', key: 'start_time', descending: false }],
  ])('reads %s', (text, clause) => expect(orderClause(text)).toEqual(clause));

  it.each(['', 'a b c', 'metrics.auc UP', 'metrics.`x', '1; drop table run --'])('refuses %j', (text) => {
    expect(() => orderClause(text)).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' }));
  });
});

describe('search', () => {
  it('takes an empty filter alone', () => {
    expect(() => refuseFilter(undefined)).not.toThrow();
    expect(() => refuseFilter('  ')).not.toThrow();
    expect(() => refuseFilter('metrics.auc > 0.1')).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining('not supported') }));
  });

  it('knows the view types', () => {
    expect(asksForDeletedOnly('DELETED_ONLY')).toBe(true);
    expect([undefined, '', 'ALL', 'ACTIVE_ONLY'].map(asksForDeletedOnly)).toEqual([false, false, false, false]);
    expect(() => asksForDeletedOnly('MINE')).toThrow(/view type/);
  });
});
