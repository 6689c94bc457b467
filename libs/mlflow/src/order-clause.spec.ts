import { describe, expect, it } from 'vitest';
import { orderClause } from './order-clause.js';

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
