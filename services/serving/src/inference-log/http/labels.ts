import { DomainError } from '@cairn/kernel';
import { predictionIdProblem } from '../domain/prediction-id.js';
import { isRecord } from '../../json-record.js';
import type { LabelRows } from '../recorder/parquet-protocol.js';

/** Labels of one request. They are parsed on the event loop: ten thousand take a few milliseconds. */
export const MAX_LABELS = 10_000;

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Checks `{"labels": [{prediction_id, label, known_time}]}` and turns it into columns. By hand and not by a DTO, which would take a hundred times as long for as many
 * rows. Throws DomainError VALIDATION_FAILED, or IMPOSSIBLE_PREDICTION for an id that no prediction can have, that names the first label that does not fit.
 */
export function convertLabels(body: unknown, nowMs: number): LabelRows {
  const labels = isRecord(body) ? body.labels : undefined;
  if (!isRecord(body) || !Array.isArray(labels)) throw invalid('/labels', 'must be a list');
  const unknown = Object.keys(body).find((name) => name !== 'labels');
  if (unknown !== undefined) throw invalid(`/${unknown}`, 'should not exist');
  if (labels.length === 0 || labels.length > MAX_LABELS) throw invalid('/labels', `must have 1 to ${MAX_LABELS} entries`);
  const rows = { predictionIds: new Array<string>(labels.length), labels: new Float64Array(labels.length), knownTimesMs: new Float64Array(labels.length) };
  labels.forEach((entry: unknown, index) => {
    if (!isRecord(entry)) throw invalid(`/labels/${index}`, 'must be an object');
    const { prediction_id: predictionId, label, known_time: knownTime } = entry;
    if (typeof predictionId !== 'string') throw invalid(`/labels/${index}/prediction_id`, 'must be a text');
    const problem = predictionIdProblem(predictionId, nowMs);
    if (problem !== undefined) throw new DomainError('IMPOSSIBLE_PREDICTION', `/labels/${index}/prediction_id ${problem}.`, 'unmet');
    if (typeof label !== 'number' || !Number.isFinite(label)) throw invalid(`/labels/${index}/label`, 'must be a number');
    const knownMs = typeof knownTime === 'string' && RFC_3339.test(knownTime) ? Date.parse(knownTime) : Number.NaN;
    if (Number.isNaN(knownMs)) throw invalid(`/labels/${index}/known_time`, 'must be an RFC 3339 time');
    rows.predictionIds[index] = predictionId;
    rows.labels[index] = label;
    rows.knownTimesMs[index] = knownMs;
  });
  return rows;
}

function invalid(pointer: string, detail: string): DomainError {
  return new DomainError('VALIDATION_FAILED', `The request does not fit: ${pointer} ${detail}.`, 'invalid');
}
