import type { InputTable } from '../engine/workbench.js';

/**
 * Labels as they come in: files with `prediction_id`, `label` and `known_time`, handed in in the order in which they were recorded. The view `label_record` has a row
 * for each record, with `file_index` and `file_row_number`, which together are that order.
 */
export function labelRecords(paths: readonly string[]): InputTable {
  return {
    paths,
    rowNumbers: true,
    view: {
      select: (files) => `SELECT prediction_id::VARCHAR AS prediction_id, label::DOUBLE AS label, known_time::TIMESTAMP AS known_time, file_index, file_row_number FROM ${files}`,
      empty:
        'SELECT NULL::VARCHAR AS prediction_id, NULL::DOUBLE AS label, NULL::TIMESTAMP AS known_time, 0::UBIGINT AS file_index, 0::BIGINT AS file_row_number WHERE false',
    },
  };
}

/**
 * SELECT of the label of each prediction that `records` (a relation like `label_record`) names: `prediction_id`, `label`, `known_time`, `label_records` (how often it was
 * recorded) and `label_values` (how many different labels were). The one that was recorded last counts, whenever it is said to have been known: who corrects a label
 * does so afterwards.
 */
export function knownLabels(records = 'label_record'): string {
  return `SELECT prediction_id, arg_max(label, (file_index, file_row_number)) AS label, arg_max(known_time, (file_index, file_row_number)) AS known_time,
                 count(*) AS label_records, count(DISTINCT label) AS label_values
          FROM ${records} GROUP BY prediction_id`;
}

/**
 * SELECT of the rows of `predictions` (a relation with `prediction_id`, named, since it is read twice), each with what `knownLabels` says of it; null where there is no
 * label. Nothing depends on whether a label or its prediction was recorded first.
 */
export function labelledPredictions(predictions: string): string {
  const named = `(SELECT label_record.* FROM label_record SEMI JOIN ${predictions} USING (prediction_id))`;
  return `SELECT predicted.*, known.label, known.known_time, known.label_records, known.label_values
          FROM ${predictions} AS predicted LEFT JOIN (${knownLabels(named)}) AS known USING (prediction_id)`;
}
