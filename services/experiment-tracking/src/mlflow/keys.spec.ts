import { describe, expect, it } from 'vitest';
import { validKey } from './keys.js';

describe('validKey', () => {
  it.each(['auc', 'val/auc', 'learning rate', 'a.b-c:d', 'größe', 'mlflow.runName', 'k'.repeat(250)])('takes %s', (key) => expect(validKey(key, 'key')).toBe(key));

  it.each(['../x', '/x', './x', 'a//b', '.', '..', 'a/../b', 'a*', 'a\nb', 'k'.repeat(251), 'a/'])('refuses %j', (key) => {
    expect(() => validKey(key, 'key')).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' }));
  });
});
