import { describe, expect, it } from 'vitest';
import { Closing } from './closing.js';

describe('closing', () => {
  it('goes the other way round, past a failure, and once', async () => {
    const order: string[] = [];
    const failures: unknown[] = [];
    const closing = new Closing();
    closing.add(async () => void order.push('first opened'));
    closing.add(() => Promise.reject(new Error('stuck')));
    closing.add(async () => void order.push('last opened'));
    await closing.run((error) => failures.push(error));
    await closing.run((error) => failures.push(error));
    expect(order).toEqual(['last opened', 'first opened']);
    expect(failures).toMatchObject([{ message: 'stuck' }]);
  });
});
