import { rm, stat } from 'node:fs/promises';
import type { JsonObject } from '@cairn/kernel';
import { TabularError } from '../errors.js';
import { quoteIdentifier, quoteText } from '../sql/quote.js';
import type { Engine, RunOptions } from './engine.js';
import type { Parameters, Step } from './protocol.js';
import type { Scratch } from './scratch.js';

export interface InputTable {
  /** One or more Parquet files of the same columns. */
  readonly paths: readonly string[];
  /** Adds the column `file_row_number`, from 0 in each file. */
  readonly rowNumbers?: boolean;
  /** The view's SELECT over the files, given the place in its text where they are read; everything by default. Where there are no files, `empty` is the view. */
  readonly view?: { readonly select: (files: string) => string; readonly empty: string };
}

/** Views that a request's statements find under these names. */
export type InputTables = Readonly<Record<string, InputTable>>;

export interface WrittenParquet {
  /** In the scratch directory. Whoever asked for it puts it where it belongs and removes it. */
  readonly path: string;
  readonly rowCount: number;
  readonly sizeBytes: number;
}

const SMALL: RunOptions = { maxRows: 1, maxBytes: 10_000 };
const ROW_GROUP_ROWS = 122_880;

/** Statements over files: what was handed in appears as views, what is written appears as a file, and both go when something fails. */
export class Workbench {
  constructor(
    private readonly engine: Engine,
    private readonly scratch: Scratch,
  ) {}

  /** Rows of the last step. */
  async run(tables: InputTables, steps: readonly Step[], options: RunOptions): Promise<JsonObject[]> {
    const admitted: string[] = [];
    try {
      const views: Step[] = [];
      for (const [name, table] of Object.entries(tables)) {
        const paths: string[] = [];
        for (const path of table.paths) paths.push(await this.scratch.admit(path));
        admitted.push(...paths);
        views.push({ sql: viewSql(name, paths, table) });
      }
      return await this.engine.run([...views, ...steps], options);
    } finally {
      await Promise.all(admitted.map((path) => rm(path, { force: true })));
    }
  }

  /** Writes what `select` gives, after `before` ran. */
  async write(tables: InputTables, before: readonly Step[], select: string, params: Parameters | undefined, signal?: AbortSignal): Promise<WrittenParquet> {
    const path = this.scratch.newOutputPath();
    const format = `FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${ROW_GROUP_ROWS}`;
    const copy: Step = { sql: `COPY (${select}\n) TO ${quoteText(path)} (${format})`, ...(params !== undefined && { params }) };
    try {
      const [written] = await this.run(tables, [...before, copy], { ...SMALL, ...(signal !== undefined && { signal }) });
      const { size } = await stat(path);
      return { path, rowCount: Number(written?.['Count'] ?? 0), sizeBytes: size };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }
}

function viewSql(name: string, paths: readonly string[], { rowNumbers = false, view }: InputTable): string {
  const create = `CREATE TEMP VIEW ${quoteIdentifier(name)} AS`;
  if (paths.length === 0) {
    if (view !== undefined) return `${create} ${view.empty}`;
    throw new TabularError('FILE_UNREADABLE', `Table ${name} was handed no file.`);
  }
  const list = paths.map(quoteText).join(', ');
  // Files that were written over time differ in columns: one that a file lacks reads as NULL.
  const options = `${rowNumbers ? ', file_row_number = true' : ''}${paths.length > 1 ? ', union_by_name = true' : ''}`;
  const files = `read_parquet([${list}]${options})`;
  return `${create} ${view?.select(files) ?? `SELECT * FROM ${files}`}`;
}
