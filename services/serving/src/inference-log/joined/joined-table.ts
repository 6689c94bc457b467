import { rm } from 'node:fs/promises';
import type { EventStore } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import type { ObjectStore } from '@cairn/object-store';
import { ProjectionRunner } from '@cairn/read-model';
import { EVENT_STORE, OBJECT_STORE, TABULAR } from '@cairn/service';
import { knownLabels, labelledPredictions, type Tabular } from '@cairn/tabular';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { LogContentsQuery } from '../views/log-contents/log-contents.query.js';
import { localPaths, MAX_FILES } from './log-files.js';

export interface JoinedTable {
  readonly digest: string;
  readonly sizeBytes: number;
  readonly predictions: number;
  readonly labelled: number;
  /** What the log said up to here went into it. */
  readonly asOfPosition: bigint;
}

export interface LabelFigures {
  readonly predictions: number;
  /** Predictions with a label, and labels of predictions that are in no segment. */
  readonly matched: number;
  readonly unmatched: number;
  /** Predictions that were given different labels over time. */
  readonly corrected: number;
  /** Labels that were recorded, repeated ones and corrections too. */
  readonly records: number;
  /** From the moment that a prediction stands for until its label was known, in seconds; absent without a match. */
  readonly delaySeconds?: { readonly p50: number; readonly p90: number; readonly p99: number };
}

const REMEMBERED = 10_000;

// The moment of a prediction is its event time. One that was only compared has the id of the one that was answered.
const JOINED = `WITH prediction AS (
    SELECT * FROM segments
    WHERE arm <> 'shadow' AND event_time::TIMESTAMP >= $from::VARCHAR::TIMESTAMPTZ::TIMESTAMP AND event_time::TIMESTAMP < $to::VARCHAR::TIMESTAMPTZ::TIMESTAMP
  ) SELECT * FROM (${labelledPredictions('prediction')}) ORDER BY event_time, prediction_id`;

const NO_SEGMENT = `segments AS (SELECT NULL::VARCHAR AS prediction_id, NULL::TIMESTAMP AS event_time, NULL::VARCHAR AS arm WHERE false),`;
const figuresSql = (segments: string): string => `WITH ${segments} prediction AS (
    SELECT prediction_id, any_value(event_time::TIMESTAMP) AS moment FROM segments WHERE arm <> 'shadow' GROUP BY prediction_id
  ), known AS (
    SELECT known.*, moment FROM (${knownLabels()}) AS known LEFT JOIN prediction USING (prediction_id)
  )
  SELECT (SELECT count(*) FROM prediction) AS predictions, count(moment) AS matched, count(*) - count(moment) AS unmatched,
         count(*) FILTER (label_values > 1) AS corrected, coalesce(sum(label_records), 0) AS records,
         quantile_cont(epoch(known_time) - epoch(moment), [0.5, 0.9, 0.99]) FILTER (moment IS NOT NULL) AS delays
  FROM known`;

/** Predictions together with what turned out to be true. */
@Injectable()
export class JoinedTables {
  private readonly recent = new LRUCache<string, number>({ max: REMEMBERED });

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(TABULAR) private readonly tabular: Tabular,
    @Inject(ProjectionRunner) private readonly runner: ProjectionRunner,
    @Inject(LogContentsQuery) private readonly contents: LogContentsQuery,
  ) {}

  /**
   * Predictions of moments in [from, to), RFC 3339, each with the label that the log knew at a position, by default now. The same question gives the same file as long
   * as no segment of it expires. Throws DomainError POSITION_NOT_REACHED, NO_PREDICTIONS, TOO_MANY_FILES.
   */
  async join(deploymentId: string, { from, to, asOfPosition }: { readonly from: string; readonly to: string; readonly asOfPosition?: bigint }): Promise<JoinedTable> {
    const position = await this.shown(asOfPosition);
    const segments = await this.contents.segmentsBetween(deploymentId, { from, to, position }, MAX_FILES + 1);
    if (segments.length === 0) throw new DomainError('NO_PREDICTIONS', 'No sealed segment has predictions of this time.', 'unmet');
    const tables = { segments: await localPaths(this.objects, segments, 'segments') };
    const range = { first: least(segments.map(({ firstInferenceId }) => firstInferenceId)), last: greatest(segments.map(({ lastInferenceId }) => lastInferenceId)) };
    const batches = await this.contents.batchesUpTo(deploymentId, position, MAX_FILES + 1, range);
    const labels = await localPaths(this.objects, batches, 'batches of labels');
    const written = await this.tabular.copyToParquet(JOINED, { from, to }, { tables, labels });
    try {
      const [counted] = await this.tabular.query('SELECT count(label_records) AS labelled FROM joined', {}, { tables: { joined: written.path } });
      const { digest, sizeBytes } = await this.objects.putFile(written.path);
      this.recent.set(`${deploymentId}/${digest}`, sizeBytes);
      return { digest, sizeBytes, predictions: written.rowCount, labelled: Number(counted?.['labelled'] ?? 0), asOfPosition: position };
    } finally {
      await rm(written.path, { force: true });
    }
  }

  /** The size in bytes of a file that this process has made for the deployment lately: other digests are nobody's business here. Throws DomainError JOINED_NOT_FOUND. */
  sizeOf(deploymentId: string, digest: string): number {
    const sizeBytes = this.recent.get(`${deploymentId}/${digest}`);
    if (sizeBytes !== undefined) return sizeBytes;
    throw new DomainError('JOINED_NOT_FOUND', 'No such file was made here lately. Send the question again: the same one gives the same file.', 'missing');
  }

  /** Of everything that is there. Throws DomainError TOO_MANY_FILES. */
  async figures(deploymentId: string): Promise<LabelFigures> {
    const position = await this.shown(undefined);
    const segments = await localPaths(this.objects, await this.contents.segments(deploymentId, MAX_FILES), 'segments');
    const labels = await localPaths(this.objects, await this.contents.batchesUpTo(deploymentId, position, MAX_FILES + 1), 'batches of labels');
    const isEmpty = segments.length === 0;
    const [row = {}] = await this.tabular.query(figuresSql(isEmpty ? NO_SEGMENT : ''), {}, { ...(!isEmpty && { tables: { segments } }), labels, maxRows: 1 });
    const [p50, p90, p99] = Array.isArray(row['delays']) ? row['delays'].map(Number) : [];
    const [predictions, matched, unmatched] = [Number(row['predictions']), Number(row['matched']), Number(row['unmatched'])];
    const counts = { predictions, matched, unmatched, corrected: Number(row['corrected']), records: Number(row['records']) };
    return { ...counts, ...(p50 !== undefined && p90 !== undefined && p99 !== undefined && { delaySeconds: { p50, p90, p99 } }) };
  }

  /** The position that was asked for, or the last one, once the view shows what lies there. */
  private async shown(asked: bigint | undefined): Promise<bigint> {
    const last = (await this.store.size()) - 1n;
    if (asked !== undefined && asked > last) throw new DomainError('POSITION_NOT_REACHED', `The log ends at position ${last}.`, 'unmet');
    await this.runner.waitFor(asked ?? last);
    return asked ?? last;
  }
}

function least(texts: readonly string[]): string {
  return texts.reduce((one, other) => (other < one ? other : one));
}

function greatest(texts: readonly string[]): string {
  return texts.reduce((one, other) => (other > one ? other : one));
}
