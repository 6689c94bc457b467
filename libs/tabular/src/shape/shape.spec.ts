import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchTabular } from '../testing/scratch-tabular.js';
import { writeTable } from '../testing/write-table.js';

describe('the shape of a table', () => {
  let started: Awaited<ReturnType<typeof scratchTabular>>;
  let file: string;
  beforeAll(async () => {
    started = await scratchTabular();
    const rows = [1, 2, 2, 3, null].map((size, index) => ({ size, name: `n${index % 2}`, time: `2001-01-0${index + 1} 00:00:00`, tags: ['a'] }));
    file = await writeTable(started.tabular, { size: 'BIGINT', name: 'VARCHAR', time: 'TIMESTAMP' }, rows);
  });
  afterAll(() => started.close());

  it('describes columns in order', async () => {
    expect(await started.tabular.describe(file)).toEqual({
      rowCount: 5,
      columns: [
        { name: 'size', type: 'BIGINT' },
        { name: 'name', type: 'VARCHAR' },
        { name: 'time', type: 'TIMESTAMP' },
      ],
    });
  });

  it('profiles numbers, texts and times', async () => {
    const { rowCount, columns } = await started.tabular.profile(file);
    const [size, name, time] = columns;
    expect(rowCount).toBe(5);
    expect(size).toMatchObject({ count: 4, nulls: 1, distinct: 3, min: 1, max: 3, mean: 2, top: [{ value: 2, count: 2 }, { value: 1, count: 1 }, { value: 3, count: 1 }] });
    expect(size?.stddev).toBeCloseTo(Math.sqrt(2 / 3), 8);
    expect(size?.quantiles.find(({ q }) => q === 0.5)?.value).toBeCloseTo(2);
    expect(name).toMatchObject({ count: 5, distinct: 2, min: 'n0', max: 'n1', mean: null, quantiles: [], top: [{ value: 'n0', count: 3 }, { value: 'n1', count: 2 }] });
    expect(time).toMatchObject({ min: '2001-01-01 00:00:00', max: '2001-01-05 00:00:00', mean: null });
  });

  it('profiles a table without rows', async () => {
    const empty = await writeTable(started.tabular, { size: 'BIGINT', name: 'VARCHAR' }, []);
    expect((await started.tabular.profile(empty)).columns[0]).toMatchObject({ count: 0, nulls: 0, distinct: 0, min: null, max: null, mean: null, top: [] });
  });

  it('ranks by AUC with ties counting half, and has none for one class', async () => {
    const rows = [
      { good: 1, flat: 7, bad: 4, label: 0, one: 1 },
      { good: 2, flat: 7, bad: 3, label: 0, one: 1 },
      { good: 2, flat: 7, bad: 2, label: 1, one: 1 },
      { good: 3, flat: 7, bad: 1, label: 1, one: 1 },
    ];
    const path = await writeTable(started.tabular, { good: 'DOUBLE', flat: 'DOUBLE', bad: 'DOUBLE', label: 'INTEGER', one: 'INTEGER' }, rows);
    expect(await started.tabular.rankAuc(path, { label: 'label', columns: ['good', 'flat', 'bad'] })).toEqual({ good: 0.875, flat: 0.5, bad: 0 });
    expect(await started.tabular.rankAuc(path, { label: 'one', columns: ['good'] })).toEqual({ good: null });
  });
});
