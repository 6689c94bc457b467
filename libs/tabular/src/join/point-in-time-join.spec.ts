import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tabular } from '../tabular.js';
import { scratchTabular } from '../testing/scratch-tabular.js';
import { writeTable } from '../testing/write-table.js';
import type { Aggregation, PointInTimeJoinSpec } from './join-spec.js';

interface Row {
  readonly k1: string;
  readonly k2: string;
  /** Seconds. */
  readonly moment: number;
  readonly known: number | null;
  /** In thousandths. */
  readonly value: number | null;
}

const COLUMNS = { k1: 'VARCHAR', k2: 'VARCHAR', moment: 'BIGINT', known: 'BIGINT', value: 'BIGINT' };
const WINDOWS = [1, 5, 30];
const AGGREGATIONS: readonly Aggregation[] = ['avg', 'count', 'sum'];
const DEFAULT = -7;

/** Few keys, few moments, many ties; and keys that read the same when put together without a separator. */
const rows = fc.array(
  fc.record<Row>({
    k1: fc.constantFrom('1', '12'),
    k2: fc.constantFrom('3', '23'),
    moment: fc.integer({ min: 0, max: 40 }),
    known: fc.option(fc.integer({ min: 0, max: 60 }), { freq: 8 }),
    value: fc.option(fc.integer({ min: -5_000_000, max: 5_000_000 }), { freq: 5 }),
  }),
  { maxLength: 40 },
);

function joinSpec(predicted: string, source: string): PointInTimeJoinSpec {
  const shared = { kind: 'window', expression: 'value / 1000.0', defaultValue: DEFAULT } as const;
  const features = WINDOWS.flatMap((windowSeconds) =>
    AGGREGATIONS.flatMap((aggregation) => [
      { ...shared, column: `pair_${aggregation}_${windowSeconds}`, source: 'pair', joinColumns: ['k1', 'k2'], aggregation, windowSeconds },
      { ...shared, column: `crossed_${aggregation}_${windowSeconds}`, source: 'single', joinColumns: ['k2'], aggregation, windowSeconds },
      { ...shared, column: `all_${aggregation}_${windowSeconds}`, source: 'all', joinColumns: [], aggregation, windowSeconds },
    ]),
  );
  const knownTime = 'make_timestamp(known * 1000000)';
  return {
    rows: { path: predicted, predictionTime: 'make_timestamp(moment * 1000000)' },
    sources: {
      pair: { paths: [source], keyColumns: ['k1', 'k2'], knownTime },
      single: { paths: [source], keyColumns: ['k2'], knownTime },
      all: { paths: [source], keyColumns: [], knownTime },
    },
    features,
  };
}

/** Says what a window is, row by row. */
function oracle(predicted: readonly Row[], source: readonly Row[]): Record<string, number>[] {
  const matches: Record<string, (row: Row, other: Row) => boolean> = {
    pair: (row, other) => row.k1 === other.k1 && row.k2 === other.k2,
    crossed: (row, other) => row.k2 === other.k2,
    all: () => true,
  };
  return predicted.map((row, index) => {
    const expected: Record<string, number> = { source_row: index };
    for (const [name, same] of Object.entries(matches)) {
      for (const seconds of WINDOWS) {
        const inside = source.filter((other) => same(row, other) && other.known !== null && other.known >= row.moment - seconds && other.known < row.moment);
        const values = inside.flatMap(({ value }) => (value === null ? [] : [value]));
        const sum = values.reduce((total, value) => total + value, 0) / 1000;
        const found: Record<Aggregation, number> = { avg: sum / values.length, count: values.length, sum };
        for (const aggregation of AGGREGATIONS) expected[`${name}_${aggregation}_${seconds}`] = values.length === 0 ? DEFAULT : found[aggregation];
      }
    }
    return expected;
  });
}

describe('point-in-time join', () => {
  let started: Awaited<ReturnType<typeof scratchTabular>>;
  let tabular: Tabular;
  beforeAll(async () => {
    started = await scratchTabular();
    tabular = started.tabular;
  });
  afterAll(() => started.close());

  const write = (table: readonly Row[]): Promise<string> => writeTable(tabular, COLUMNS, table.map((row) => ({ ...row })));
  const read = (path: string) => tabular.query('SELECT * FROM joined ORDER BY source_row', [], { tables: { joined: path } });

  it('agrees with a row-by-row definition of every window', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, async (predicted, source) => {
        const joined = await read((await tabular.pointInTimeJoin(joinSpec(await write(predicted), await write(source)))).path);
        const expected = oracle(predicted, source);
        expect(joined).toHaveLength(expected.length);
        for (const [index, row] of expected.entries()) {
          for (const [column, value] of Object.entries(row)) expect(joined[index]![column], column).toBeCloseTo(value, 9);
        }
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it('takes what became known exactly one window ago and not what becomes known at the moment itself', async () => {
    const row = (moment: number, known: number, value: number): Row => ({ k1: '1', k2: '3', moment, known, value });
    const predicted = await write([row(10, 0, 0)]);
    const source = await write([row(0, 5, 1_000), row(0, 10, 2_000), row(0, 4, 4_000)]);
    const [joined] = await read((await tabular.pointInTimeJoin(joinSpec(predicted, source))).path);
    expect(joined).toMatchObject({ pair_sum_5: 1, pair_sum_30: 5, pair_sum_1: DEFAULT });
  });

  it('bounds, samples and carries the same rows every time, byte for byte', async () => {
    const table = Array.from({ length: 4_000 }, (_, index): Row => ({ k1: String(index % 7), k2: '3', moment: index, known: index + 50, value: index * 37 }));
    const path = await write(table);
    const spec: PointInTimeJoinSpec = {
      ...joinSpec(path, path),
      rows: { path, predictionTime: 'make_timestamp(moment * 1000000)', from: '1970-01-01T00:10:00Z', to: '1970-01-01T01:00:00+00:00', sampleEvery: 5 },
      carry: [{ column: 'label', expression: 'CASE WHEN moment % 2 = 0 THEN CAST(1 AS INTEGER) END', required: true }],
    };
    const first = await tabular.pointInTimeJoin(spec);
    const second = await tabular.pointInTimeJoin(spec);
    expect((await readFile(first.path)).equals(await readFile(second.path))).toBe(true);
    const joined = await read(first.path);
    const taken = joined.map((row) => Number(row['source_row']));
    expect(taken.every((row) => row >= 600 && row < 3600 && row % 2 === 0)).toBe(true);
    expect(taken.length).toBeGreaterThan(1500 / 5 / 1.3);
    expect(taken.length).toBeLessThan((1500 / 5) * 1.3);
    expect(Object.keys(joined[0]!).slice(-3)).toEqual(['label', 'prediction_time', 'source_row']);
    expect(joined[0]!['prediction_time']).toBe(new Date(taken[0]! * 1000).toISOString().slice(0, 19).replace('T', ' '));
  });

  it('finds the rows whose value comes too late, and by how much', async () => {
    const table = [3, 10, 12, null].map((known): Row => ({ k1: '1', k2: '3', moment: 10, known, value: 5 }));
    const report = await tabular.findLateValues(
      { path: await write(table), predictionTime: 'make_timestamp(moment * 1000000)' },
      [
        { column: 'late', expression: 'value', knownTime: 'make_timestamp(known * 1000000)' },
        { column: 'early', expression: 'value', knownTime: 'make_timestamp((moment - 1) * 1000000)' },
      ],
      { examples: 1 },
    );
    expect(report).toEqual({
      rowsChecked: 4,
      values: [
        { column: 'late', rowsLate: 3, worstSeconds: 2, examples: [{ source_row: 1, prediction_time: '1970-01-01 00:00:10', known_time: '1970-01-01 00:00:10', value: 5 }] },
        { column: 'early', rowsLate: 0, worstSeconds: 0, examples: [] },
      ],
    });
  });

  it('refuses two columns of one name, keys that do not match, and sums that would no longer be exact', async () => {
    const path = await write([{ k1: '1', k2: '3', moment: 5, known: 1, value: 1 }]);
    const spec = joinSpec(path, path);
    const [feature] = spec.features;
    const refused = (over: Partial<PointInTimeJoinSpec>) => expect(tabular.pointInTimeJoin({ ...spec, ...over })).rejects;
    await refused({ features: [feature!, feature!] }).toMatchObject({ code: 'INVALID_EXPRESSION', message: expect.stringMatching(/Two columns/) });
    await refused({ features: [{ ...feature!, joinColumns: ['k1'] } as typeof feature & {}] }).toMatchObject({ code: 'INVALID_EXPRESSION' });
    await refused({ features: [{ ...feature!, source: 'nowhere' } as typeof feature & {}] }).toMatchObject({ code: 'INVALID_EXPRESSION' });
    const huge = await write(Array.from({ length: 20 }, (): Row => ({ k1: '1', k2: '3', moment: 5, known: 1, value: 999_999_999_999_000_000 })));
    await refused({ sources: { ...spec.sources, pair: { ...spec.sources['pair']!, paths: [huge] } }, features: [feature!] }).toMatchObject({ code: 'QUERY_FAILED' });
  });
});
