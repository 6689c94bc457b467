import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchTabular } from '../testing/scratch-tabular.js';
import { writeTable } from '../testing/write-table.js';
import type { ColumnRule } from './column-rule.js';

const rules: ColumnRule[] = [
  { column: 'delay', minimum: -120, maximum: 1440, required: true },
  { column: 'origin', pattern: '[A-Z]{3}' },
];

describe('rules', () => {
  let started: Awaited<ReturnType<typeof scratchTabular>>;
  let file: string;
  beforeAll(async () => {
    started = await scratchTabular();
    const rows = [
      { delay: 5, origin: 'ATL' },
      { delay: -1116, origin: 'MIA' },
      { delay: null, origin: 'ord' },
      { delay: 2000, origin: 'JFKX' },
      { delay: -120, origin: null },
      { delay: -500, origin: 'SFO' },
    ];
    file = await writeTable(started.tabular, { delay: 'BIGINT', origin: 'VARCHAR' }, rows);
  });
  afterAll(() => started.close());

  it('counts each rule and the rows that break any, with the first examples by row number', async () => {
    const report = await started.tabular.checkRules(file, rules, { examples: 1 });
    expect(report).toEqual({
      rowsChecked: 6,
      rowsViolating: 4,
      violations: [
        { column: 'delay', rule: 'required', count: 1, examples: [{ delay: null, origin: 'ord', file_row_number: 2 }] },
        { column: 'delay', rule: 'minimum', count: 2, examples: [{ delay: -1116, origin: 'MIA', file_row_number: 1 }] },
        { column: 'delay', rule: 'maximum', count: 1, examples: [{ delay: 2000, origin: 'JFKX', file_row_number: 3 }] },
        { column: 'origin', rule: 'pattern', count: 2, examples: [{ delay: null, origin: 'ord', file_row_number: 2 }] },
      ],
    });
  });

  it('copies the rows that break none, in order, with the number each had', async () => {
    const { path, rowCount } = await started.tabular.copyRowsHolding(file, rules, { rowNumberColumn: 'parent_row' });
    expect(rowCount).toBe(2);
    expect(await started.tabular.query('SELECT * FROM clean', [], { tables: { clean: path } })).toEqual([
      { delay: 5, origin: 'ATL', parent_row: 0 },
      { delay: -120, origin: null, parent_row: 4 },
    ]);
  });

  it('holds without rules, and names a column that is missing', async () => {
    expect(await started.tabular.checkRules(file, [])).toEqual({ rowsChecked: 6, rowsViolating: 0, violations: [] });
    await expect(started.tabular.checkRules(file, [{ column: 'nope', required: true }])).rejects.toMatchObject({ code: 'UNKNOWN_COLUMN' });
  });
});
