import { labelledPredictions } from '@cairn/tabular';

/**
 * SQL over Parquet files, which the caller hands in under the names `segments`, `batch` (of labels), `reference` (a training set) and `first`
 * (segments of the first window), beside all labels in the order in which they were recorded. Times are compared as UTC.
 *
 * PSI = Σ (p − q) · ln(p / q) over ten bins that hold equal shares of the reference; half a row is added to each bin, so that an empty one stays finite
 * (Siddiqi, Credit Risk Scorecards, 2006). AUC = (R₁ − n₁(n₁ + 1)/2) / (n₁ · n₀) from average ranks (Mann and Whitney, 1947).
 */

/** Predictions that count: what a model answered a caller, not what a shadow computed beside it or the fallback said in its place. */
const ANSWERED = `arm NOT IN ('shadow', 'fallback')`;

/**
 * Windows that a batch of labels touches: start and end, predictions and labelled predictions in each, and whether a later prediction shows that it is over.
 * Parameters: $days.
 */
export const TOUCHED_WINDOWS = `
  WITH prediction AS (
    SELECT prediction_id, event_time::TIMESTAMP AS moment FROM segments WHERE ${ANSWERED}
  ), windowed AS (
    SELECT prediction_id, time_bucket(to_days($days), moment, TIMESTAMP '2001-01-01') AS start FROM prediction
  ), touched AS (
    SELECT DISTINCT start FROM windowed JOIN batch USING (prediction_id)
  ), judged AS (
    SELECT start, prediction_id FROM windowed SEMI JOIN touched USING (start)
  ), labelled AS (
    SELECT start, count(DISTINCT prediction_id) AS labelled FROM label_record JOIN judged USING (prediction_id) GROUP BY start
  )
  SELECT strftime(start, '%Y-%m-%dT%H:%M:%SZ') AS window_start,
         strftime(start + to_days($days), '%Y-%m-%dT%H:%M:%SZ') AS window_end,
         count(*) AS predictions,
         any_value(labelled) AS labelled,
         (SELECT max(moment) FROM prediction) >= start + to_days($days) AS is_over
  FROM judged JOIN labelled USING (start)
  GROUP BY start ORDER BY start`;

/** Counts, rates, AUC and log loss of one window. Of a prediction's labels the one that was recorded last counts. Parameters: $from, $to. */
export const WINDOW_PERFORMANCE = `
  WITH prediction AS (
    SELECT prediction_id, version_id, prediction FROM segments
    WHERE ${ANSWERED} AND event_time::TIMESTAMP >= $from::TIMESTAMP AND event_time::TIMESTAMP < $to::TIMESTAMP
  ), joined AS (
    SELECT prediction_id, prediction, label FROM (${labelledPredictions('prediction')}) WHERE label IS NOT NULL
  ), ranked AS (
    SELECT label, prediction,
           rank() OVER (ORDER BY prediction) + (count(*) OVER (PARTITION BY prediction) - 1) / 2.0 AS average_rank
    FROM joined
  ), summary AS (
    SELECT count(*) AS labelled, count(*) FILTER (label = 1) AS ones, coalesce(sum(average_rank) FILTER (label = 1), 0) AS rank_sum,
           avg(CASE WHEN label = 1 THEN -ln(greatest(prediction, 1e-15)) ELSE -ln(greatest(1 - prediction, 1e-15)) END) AS log_loss
    FROM ranked
  )
  SELECT (SELECT count(*) FROM prediction) AS predictions,
         (SELECT avg(prediction) FROM prediction) AS mean_prediction,
         (SELECT list_sort(list(DISTINCT version_id)) FROM prediction) AS version_ids,
         labelled,
         CASE WHEN labelled > 0 THEN ones / labelled END AS label_rate,
         CASE WHEN ones > 0 AND ones < labelled THEN (rank_sum - ones * (ones + 1) / 2.0) / (ones * (labelled - ones)) END AS auc,
         log_loss
  FROM summary`;

export const REFERENCE_LABEL_RATE = `SELECT avg(label) AS label_rate FROM reference`;

const BINS = 10;
const EDGE_SHARES = Array.from({ length: BINS - 1 }, (_, bin) => (bin + 1) / BINS).join(', ');

/** PSI per column, `reference` and `current` being SELECTs of the same numeric columns. */
export function psiSql(reference: string, current: string): string {
  return `
  WITH normal AS (UNPIVOT (${reference}) ON COLUMNS(*) INTO NAME feature VALUE value),
  current AS (UNPIVOT (${current}) ON COLUMNS(*) INTO NAME feature VALUE value),
  edge AS (
    SELECT feature, list_sort(list_distinct(quantile_cont(value, [${EDGE_SHARES}]))) AS edges FROM normal GROUP BY feature
  ), bin AS (
    SELECT feature, unnest(range(len(edges) + 1)) AS bin FROM edge
  ), counted AS (
    SELECT 'reference' AS side, feature, len(list_filter(edges, lambda e: value > e)) AS bin FROM normal JOIN edge USING (feature)
    UNION ALL
    SELECT 'current' AS side, feature, len(list_filter(edges, lambda e: value > e)) AS bin FROM current JOIN edge USING (feature)
  ), histogram AS (
    SELECT feature, bin, count(*) FILTER (side = 'reference') AS q, count(*) FILTER (side = 'current') AS p FROM counted GROUP BY feature, bin
  ), share AS (
    SELECT feature,
           (coalesce(p, 0) + 0.5) / sum(coalesce(p, 0) + 0.5) OVER (PARTITION BY feature) AS p,
           (coalesce(q, 0) + 0.5) / sum(coalesce(q, 0) + 0.5) OVER (PARTITION BY feature) AS q
    FROM bin LEFT JOIN histogram USING (feature, bin)
  )
  SELECT feature, sum((p - q) * ln(p / q)) AS psi FROM share GROUP BY feature ORDER BY feature`;
}

/** Rows of the window's answered predictions; columns are double-quoted names or expressions. Parameters: $from, $to. */
export function windowRows(columns: readonly string[]): string {
  return `SELECT ${columns.join(', ')} FROM segments
    WHERE ${ANSWERED} AND event_time::TIMESTAMP >= $from::TIMESTAMP AND event_time::TIMESTAMP < $to::TIMESTAMP`;
}
