import type { JsonObject } from '@cairn/kernel';
import { Engine } from './engine/engine.js';
import type { Parameters } from './engine/protocol.js';
import { Scratch } from './engine/scratch.js';
import { Workbench, type InputTables, type WrittenParquet } from './engine/workbench.js';
import type { PointInTimeJoinSpec, PredictedRows } from './join/join-spec.js';
import { labelRecords } from './join/known-labels.js';
import { findLateValues, type LateReport, type TimedValue } from './join/late-values.js';
import { pointInTimeJoin } from './join/point-in-time-join.js';
import { checkRules, copyRowsHolding, type RuleReport } from './rules/check-rules.js';
import type { ColumnRule } from './rules/column-rule.js';
import { describeTable, type TableShape } from './shape/describe.js';
import { profileTable, type TableProfile } from './shape/profile.js';
import { rankAuc } from './shape/rank-auc.js';
import { resolveExpressions, type UserExpression } from './sql/resolve-expressions.js';

export interface TabularOptions {
  /** Parent of the engine's scratch directory, which is removed by `close`. */
  readonly directory: string;
  /** Of DuckDB, default 2. Sums of DOUBLE differ in their last digits from run to run unless it is 1; integers and decimals never do. */
  readonly threads?: number;
  /** Above it DuckDB spills to the scratch directory; default `2GB`. */
  readonly memoryLimit?: string;
}

export interface FileOptions {
  /** Parquet files by the name under which the statement finds them. */
  readonly tables?: Readonly<Record<string, string | readonly string[]>>;
  /** Gives every table the column `file_row_number` (BIGINT, from 0 in each file). */
  readonly rowNumbers?: boolean;
  /** Files of labels in the order in which they were recorded; none is fine. The statement finds them as `label_record`: see `labelledPredictions`. */
  readonly labels?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface QueryOptions extends FileOptions {
  /** Default 10,000. One row more is RESULT_TOO_LARGE. */
  readonly maxRows?: number;
  /** Of the rows as JSON, default 16 MiB. */
  readonly maxBytes?: number;
}

interface Cancellable {
  readonly signal?: AbortSignal;
}

/**
 * Questions over Parquet files, answered by DuckDB in a child process of its own, so that neither a long query nor a crash of the engine touches the caller's
 * event loop. The engine reads and writes nothing but its scratch directory, whatever the SQL says: files are handed in beside the text. Every method may
 * throw any `TabularError`.
 */
export class Tabular {
  private constructor(
    private readonly engine: Engine,
    private readonly scratch: Scratch,
    private readonly bench: Workbench,
  ) {}

  /** The child process starts with the first question. */
  static async start(options: TabularOptions): Promise<Tabular> {
    const scratch = await Scratch.create(options.directory);
    const engine = new Engine({ threads: options.threads ?? 2, memoryLimit: options.memoryLimit ?? '2GB', directory: scratch.directory });
    return new Tabular(engine, scratch, new Workbench(engine, scratch));
  }

  /** Process id of the engine while it runs. */
  get enginePid(): number | undefined {
    return this.engine.pid;
  }

  /**
   * Rows of one statement; parameters are bound, never part of the text. Integers come as numbers where they are safe and as texts above,
   * decimals as texts, times as `YYYY-MM-DD HH:MM:SS[.ffffff]` in UTC, NaN and infinities as texts.
   */
  async query(sql: string, params?: Parameters, options: QueryOptions = {}): Promise<JsonObject[]> {
    const bounds = { maxRows: options.maxRows ?? 10_000, maxBytes: options.maxBytes ?? 16 * 1024 * 1024, ...signalOf(options) };
    return await this.bench.run(inputTables(options), [{ sql, ...(params !== undefined && { params }) }], bounds);
  }

  /** Writes what a SELECT gives. With a total ORDER BY two runs give the same bytes. */
  async copyToParquet(sql: string, params?: Parameters, options: FileOptions = {}): Promise<WrittenParquet> {
    return await this.bench.write(inputTables(options), [], sql, params, options.signal);
  }

  async describe(path: string, options: Cancellable = {}): Promise<TableShape> {
    return await describeTable(this.bench, [path], options.signal);
  }

  async profile(path: string, options: Cancellable = {}): Promise<TableProfile> {
    return await profileTable(this.bench, path, options.signal);
  }

  async checkRules(path: string, rules: readonly ColumnRule[], options: Cancellable & { readonly examples?: number } = {}): Promise<RuleReport> {
    return await checkRules(this.bench, path, rules, options.examples ?? 5, options.signal);
  }

  /** Writes the rows that violate no rule, in file order; `rowNumberColumn` names a further column with each row's number in the file it came from. */
  async copyRowsHolding(path: string, rules: readonly ColumnRule[], options: Cancellable & { readonly rowNumberColumn?: string } = {}): Promise<WrittenParquet> {
    return await copyRowsHolding(this.bench, path, rules, options.rowNumberColumn, options.signal);
  }

  async rankAuc(path: string, question: { readonly label: string; readonly columns: readonly string[] }, options: Cancellable = {}): Promise<Record<string, number | null>> {
    return await rankAuc(this.bench, path, question.label, question.columns, options.signal);
  }

  async pointInTimeJoin(spec: PointInTimeJoinSpec, options: Cancellable = {}): Promise<WrittenParquet> {
    return await pointInTimeJoin(this.bench, spec, options.signal);
  }

  async findLateValues(rows: PredictedRows, values: readonly TimedValue[], options: Cancellable & { readonly examples?: number } = {}): Promise<LateReport> {
    return await findLateValues(this.bench, rows, values, options.examples ?? 3, options.signal);
  }

  /** SQL types of a user's expressions over the file's columns, in order; INVALID_EXPRESSION for the first that is not one scalar expression. */
  async resolveExpressions(path: string, expressions: readonly UserExpression[]): Promise<string[]> {
    return await resolveExpressions(this.bench, [path], expressions);
  }

  /** Fails what is under way with CLOSED. */
  async close(): Promise<void> {
    this.engine.close();
    await this.scratch.remove();
  }
}

function inputTables(options: FileOptions): InputTables {
  const rowNumbers = options.rowNumbers === true;
  const tables = Object.entries(options.tables ?? {}).map(([name, paths]) => [name, { paths: typeof paths === 'string' ? [paths] : paths, rowNumbers }] as const);
  return { ...Object.fromEntries(tables), ...(options.labels !== undefined && { label_record: labelRecords(options.labels) }) };
}

function signalOf(options: Cancellable): Cancellable {
  return options.signal === undefined ? {} : { signal: options.signal };
}
