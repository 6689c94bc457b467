import type { JsonObject } from '@cairn/kernel';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE, TABULAR } from '@cairn/service';
import type { Tabular } from '@cairn/tabular';
import { Inject, Injectable } from '@nestjs/common';
import type { WindowMeasurement } from '../domain/commands.js';
import type { InferenceFileRow } from '../views/inference-files/inference-file.entity.js';
import { InferenceFilesQuery } from '../views/inference-files/inference-files.query.js';
import type { MonitorRow } from '../views/monitor-list/monitor.entity.js';
import { WindowHistoryQuery } from '../views/window-history/window-history.query.js';
import { LabelBatches } from './label-batches.js';
import { psiSql, REFERENCE_LABEL_RATE, TOUCHED_WINDOWS, WINDOW_PERFORMANCE, windowRows } from './window-sql.js';

export interface Window {
  /** RFC 3339 UTC; the end is excluded. */
  readonly start: string;
  readonly end: string;
  readonly predictions: number;
  readonly labelled: number;
  /** There are predictions after its end. */
  readonly isOver: boolean;
}

/** Windows of a day over 27 years. */
const MAX_WINDOWS = 10_000;
const MAX_FEATURES = 1_000;

/** Measures windows of a deployment's predictions against labels and a reference, with DuckDB over the sealed Parquet files. */
@Injectable()
export class WindowMeasurer {
  constructor(
    @Inject(TABULAR) private readonly tabular: Tabular,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(InferenceFilesQuery) private readonly files: InferenceFilesQuery,
    @Inject(LabelBatches) private readonly labels: LabelBatches,
    @Inject(WindowHistoryQuery) private readonly history: WindowHistoryQuery,
  ) {}

  /**
   * Windows with labels that nobody has judged yet, oldest first: those that this batch names, and those after the last judged one that earlier batches
   * named. All labels of a window may arrive before it is over, and then no later batch would name it.
   */
  async openWindows(monitor: MonitorRow, batchDigest: string): Promise<readonly Window[]> {
    await this.labels.check(batchDigest);
    const { workspace, deploymentName } = monitor;
    const labels = await this.labels.readable(workspace, deploymentName);
    const judged = await this.history.labelledByStart(monitor.monitorId);
    const lastJudged = [...judged.keys()].sort().at(-1) ?? '';
    const segments = await this.files.allOf(workspace, deploymentName, 'segment');
    const named = await this.touchedWindows(monitor, { segments, labels, batch: labels.filter(({ digest }) => digest === batchDigest) });
    const later = await this.touchedWindows(monitor, {
      segments: lastJudged === '' ? segments : await this.files.segmentsSince(workspace, deploymentName, lastJudged),
      labels,
      batch: labels.filter(({ position }) => BigInt(position) > BigInt(monitor.referencePosition)),
    });
    const open = new Map([...later.filter(({ start }) => start > lastJudged), ...named].map((window) => [window.start, window]));
    return [...open.values()].filter(({ start, labelled }) => labelled > (judged.get(start) ?? 0)).sort((a, b) => (a.start < b.start ? -1 : 1));
  }

  /** Windows of these segments with a prediction that the batch names. */
  private async touchedWindows(monitor: MonitorRow, files: Readonly<Record<'segments' | 'labels' | 'batch', readonly InferenceFileRow[]>>): Promise<readonly Window[]> {
    if (files.segments.length === 0 || files.batch.length === 0) return [];
    const tables = await this.tablesOf({ segments: digestsOf(files.segments), batch: digestsOf(files.batch) });
    const labels = await this.pathsOf(digestsOf(files.labels));
    const rows = await this.tabular.query(TOUCHED_WINDOWS, { days: monitor.windowDays }, { tables, labels, maxRows: MAX_WINDOWS });
    return rows.map((row) => ({
      start: text(row, 'window_start'),
      end: text(row, 'window_end'),
      predictions: number(row, 'predictions'),
      labelled: number(row, 'labelled'),
      isOver: row['is_over'] === true,
    }));
  }

  /** Undefined when no model answered in the window: there is nothing to judge. */
  async measure(monitor: MonitorRow, { start, end }: Window): Promise<WindowMeasurement | undefined> {
    const segments = await this.files.segmentsBetween(monitor.workspace, monitor.deploymentName, start, end);
    if (segments.length === 0) return undefined;
    const labels = await this.pathsOf(digestsOf(await this.labels.readable(monitor.workspace, monitor.deploymentName)));
    const tables = await this.tablesOf({ segments: digestsOf(segments), reference: [monitor.referenceDigest] });
    const range = { from: start, to: end };
    const [performance] = await this.tabular.query(WINDOW_PERFORMANCE, range, { tables, labels, maxRows: 1 });
    const [reference] = await this.tabular.query(REFERENCE_LABEL_RATE, {}, { tables, maxRows: 1 });
    if (performance === undefined || reference === undefined) throw new Error('a summary without a row');
    if (number(performance, 'predictions') === 0) return undefined;
    const auc = optionalNumber(performance, 'auc');
    const logLoss = optionalNumber(performance, 'log_loss');
    return {
      windowStart: start,
      windowEnd: end,
      predictions: BigInt(number(performance, 'predictions')),
      labelled: BigInt(number(performance, 'labelled')),
      features: await this.featureDrift(monitor, tables, range),
      predictionPsi: await this.predictionPsi(monitor, tables, range),
      labelRate: optionalNumber(performance, 'label_rate') ?? 0,
      referenceLabelRate: number(reference, 'label_rate'),
      meanPrediction: optionalNumber(performance, 'mean_prediction') ?? 0,
      versionIds: (performance.version_ids as string[] | null) ?? [],
      ...(auc !== undefined && { auc }),
      ...(logLoss !== undefined && { logLoss }),
    };
  }

  private async featureDrift(monitor: MonitorRow, tables: Tables, range: Range): Promise<{ feature: string; psi: number }[]> {
    const columns = (JSON.parse(monitor.features) as string[]).map((name) => `${quoted(name)}::DOUBLE AS ${quoted(name)}`);
    const sql = psiSql(`SELECT ${columns.join(', ')} FROM reference`, windowRows(columns));
    const rows = await this.tabular.query(sql, range, { tables, maxRows: MAX_FEATURES });
    return rows.map((row) => ({ feature: text(row, 'feature'), psi: number(row, 'psi') }));
  }

  /**
   * Predictions are compared with those of the first window judged under the same reference: a training set holds no predictions.
   * That first window has nothing to be compared with, so its PSI is 0.
   */
  private async predictionPsi(monitor: MonitorRow, tables: Tables, range: Range): Promise<number> {
    const first = await this.history.firstSince(monitor.monitorId, monitor.referencePosition);
    if (first === null || first.windowStart >= range.from) return 0;
    const segments = await this.files.segmentsBetween(monitor.workspace, monitor.deploymentName, first.windowStart, first.windowEnd);
    const column = ['prediction::DOUBLE AS prediction'];
    const normal = windowRows(column).replace('segments', 'first').replaceAll('$from', '$first_from').replaceAll('$to', '$first_to');
    const both = { ...tables, ...(await this.tablesOf({ first: digestsOf(segments) })) };
    const params = { ...range, first_from: first.windowStart, first_to: first.windowEnd };
    const [row] = await this.tabular.query(psiSql(normal, windowRows(column)), params, { tables: both, maxRows: 1 });
    return row === undefined ? 0 : number(row, 'psi');
  }

  /** Verified local files of the objects, by the name under which SQL finds them. */
  private async tablesOf(digests: Readonly<Record<string, readonly string[]>>): Promise<Tables> {
    const entries = Object.entries(digests).map(async ([name, names]) => {
      return [name, await this.pathsOf([...new Set(names)])] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  /** In the same order: for labels it says which of them counts, and a file that was recorded twice counts twice. */
  private async pathsOf(digests: readonly string[]): Promise<readonly string[]> {
    return Promise.all(digests.map((digest) => this.objects.localPath(digest as Digest)));
  }
}

type Tables = Readonly<Record<string, readonly string[]>>;

interface Range extends Readonly<Record<string, string>> {
  readonly from: string;
  readonly to: string;
}

function digestsOf(files: readonly InferenceFileRow[]): readonly string[] {
  return files.map(({ digest }) => digest);
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function text(row: JsonObject, column: string): string {
  return String(row[column]);
}

/** Big integers arrive as texts. */
function number(row: JsonObject, column: string): number {
  return Number(row[column]);
}

function optionalNumber(row: JsonObject, column: string): number | undefined {
  const value = row[column];
  return value === null || value === undefined ? undefined : Number(value);
}
