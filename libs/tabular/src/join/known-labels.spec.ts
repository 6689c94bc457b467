import { rm } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tabular } from '../tabular.js';
import { scratchTabular } from '../testing/scratch-tabular.js';
import { writeTable } from '../testing/write-table.js';
import { labelledPredictions } from './known-labels.js';

interface Label {
  readonly prediction_id: string;
  readonly label: number;
  readonly known_time: string;
}

const IDS = ['p0', 'p1', 'p2', 'p3'];
const TIMES = ['2001-04-01 08:00:00', '2001-04-01 09:00:00', '2001-03-01 00:00:00'];
/** Few predictions, labels and times, so that most runs have duplicates and corrections; `p9` was never predicted. */
const aLabel = fc.record<Label>({ prediction_id: fc.constantFrom(...IDS, 'p9'), label: fc.constantFrom(0, 1), known_time: fc.constantFrom(...TIMES) });
const batches = fc.array(fc.array(aLabel, { minLength: 1, maxLength: 4 }), { maxLength: 5 });

/** What the table has to be: records in their order, one after the other. */
function oracle(records: readonly Label[]) {
  const known = new Map<string, { label: number; known_time: string; label_records: number; values: Set<number> }>();
  for (const { prediction_id, label, known_time } of records) {
    const before = known.get(prediction_id) ?? { label_records: 0, values: new Set<number>() };
    known.set(prediction_id, { label, known_time, label_records: before.label_records + 1, values: before.values.add(label) });
  }
  return IDS.map((prediction_id) => {
    const { label = null, known_time = null, label_records = null, values } = known.get(prediction_id) ?? {};
    return { prediction_id, label, known_time, label_records, label_values: values?.size ?? null };
  });
}

describe('the join with labels', () => {
  let tabular: Tabular;
  let close: () => Promise<void>;

  beforeAll(async () => ({ tabular, close } = await scratchTabular()));
  afterAll(() => close());

  /** Predictions and labels as files of their own, of which each is there from the beginning or comes later. */
  async function joined(predictions: readonly (readonly string[])[], labels: readonly (readonly Label[])[]) {
    const segments = await Promise.all(predictions.map((ids) => writeTable(tabular, { prediction_id: 'VARCHAR' }, ids.map((prediction_id) => ({ prediction_id })))));
    const shape = { prediction_id: 'VARCHAR', label: 'DOUBLE', known_time: 'TIMESTAMP' };
    const files: string[] = [];
    for (const batch of labels) files.push(await writeTable(tabular, shape, batch.map((label) => ({ ...label }))));
    try {
      const sql = `WITH prediction AS (SELECT prediction_id FROM segments) ${labelledPredictions('prediction')} ORDER BY prediction_id`;
      return await tabular.query(sql, {}, { tables: { segments }, labels: files });
    } finally {
      await Promise.all([...segments, ...files].map((path) => rm(path)));
    }
  }

  it('gives each prediction the label that was recorded last, whatever came when', async () => {
    const order = fc.shuffledSubarray(IDS, { minLength: IDS.length });
    await fc.assert(
      fc.asyncProperty(batches, order, fc.nat(IDS.length), async (recorded, ids, cut) => {
        const segments = [ids.slice(0, cut), ids.slice(cut)].filter((segment) => segment.length > 0);
        expect(await joined(segments, recorded)).toEqual(oracle(recorded.flat()));
      }),
      { numRuns: 30 },
    );
  });

  it('is the same however labels are cut into files, and however often the last of them are sent again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aLabel, { minLength: 1, maxLength: 8 }), fc.nat(8), async (records, cut) => {
        const label = async (files: readonly (readonly Label[])[]) => (await joined([IDS], files)).map((row) => [row['prediction_id'], row['label'], row['known_time']]);
        const whole = await label([records]);
        expect(await label([records.slice(0, cut), records.slice(cut)].filter((file) => file.length > 0))).toEqual(whole);
        const last = new Map(records.map((record) => [record.prediction_id, record]));
        expect(await label([records, [...last.values()]])).toEqual(whole);
      }),
      { numRuns: 15 },
    );
  });

  it('is what was known then, when later files are left out', async () => {
    const at = (prediction_id: string, label: number): Label => ({ prediction_id, label, known_time: '2001-04-01 08:00:00' });
    const recorded = [[at('p0', 0), at('p1', 1)], [at('p0', 1)]];
    expect((await joined([IDS], recorded.slice(0, 1))).map(({ label }) => label)).toEqual([0, 1, null, null]);
    expect((await joined([IDS], recorded)).map(({ label }) => label)).toEqual([1, 1, null, null]);
    expect((await joined([IDS], [])).map(({ label }) => label)).toEqual([null, null, null, null]);
  });
});
