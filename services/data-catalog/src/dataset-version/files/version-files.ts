import { rm, stat } from 'node:fs/promises';
import { DomainError } from '@cairn/kernel';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE, TABULAR } from '@cairn/service';
import { TabularError, type RuleReport, type Tabular, type TableProfile, type WrittenParquet } from '@cairn/tabular';
import { Inject, Injectable } from '@nestjs/common';
import type { ColumnRule } from '../../contract/http/convert.js';

/** What is known of a Parquet file after one pass over it. */
export interface Measured {
  readonly digest: string;
  readonly sizeBytes: bigint;
  readonly rowCount: bigint;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly profileDigest: string;
}

/** A file derived from another one. */
export interface Derived {
  readonly digest: string;
  /** Column that holds the row's number, from 0, in the parent. */
  readonly rowNumberColumn: string;
}

const ROW_NUMBER_COLUMN = 'source_row';

const PROFILE_LIMIT_BYTES = 16 * 1024 * 1024;

/** Reads and derives the Parquet files behind dataset versions. What the caller can mend is a DomainError. */
@Injectable()
export class VersionFiles {
  constructor(
    @Inject(TABULAR) private readonly tabular: Tabular,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  async measure(digest: string): Promise<Measured> {
    const path = await this.pathOf(digest);
    const profile = await explained(this.tabular.profile(path));
    const { digest: profileDigest } = await this.objects.put(Buffer.from(JSON.stringify(profile)));
    const { size } = await stat(path);
    const columns = profile.columns.map(({ name, type }) => ({ name, type }));
    return { digest, sizeBytes: BigInt(size), rowCount: BigInt(profile.rowCount), columns, profileDigest };
  }

  async profile(digest: string): Promise<TableProfile> {
    const content = await this.objects.read(digest as Digest, { maxBytes: PROFILE_LIMIT_BYTES });
    return JSON.parse(content.toString('utf8')) as TableProfile;
  }

  /** Digest of a file with the rows that meet `filter`, one SQL condition over the columns, in their order. */
  async filtered(digest: string, filter: string): Promise<string> {
    const path = await this.pathOf(digest);
    const [type] = await explained(this.tabular.resolveExpressions(path, [{ sql: filter, use: 'any' }]));
    if (type !== 'BOOLEAN') throw new DomainError('INVALID_FILTER', `The filter gives ${type ?? 'nothing'}; it must be a condition, true or false for each row.`, 'invalid');
    const sql = `SELECT * EXCLUDE (file_row_number) FROM rows WHERE (${filter}\n) ORDER BY file_row_number`;
    return this.stored(await explained(this.tabular.copyToParquet(sql, undefined, { tables: { rows: path }, rowNumbers: true })));
  }

  async check(digest: string, rules: readonly ColumnRule[]): Promise<RuleReport> {
    return explained(this.tabular.checkRules(await this.pathOf(digest), rules.map(tabularRule)));
  }

  /** A file with the rows that break no rule, each with its number in `digest`. */
  async clean(digest: string, rules: readonly ColumnRule[]): Promise<Derived> {
    const path = await this.pathOf(digest);
    const { columns } = await explained(this.tabular.describe(path));
    const rowNumberColumn = freeName(new Set(columns.map(({ name }) => name)));
    return { digest: await this.stored(await explained(this.tabular.copyRowsHolding(path, rules.map(tabularRule), { rowNumberColumn }))), rowNumberColumn };
  }

  private async stored({ path }: WrittenParquet): Promise<string> {
    try {
      return (await this.objects.putFile(path)).digest;
    } finally {
      await rm(path, { force: true });
    }
  }

  private async pathOf(digest: string): Promise<string> {
    if (await this.objects.has(digest as Digest)) return this.objects.localPath(digest as Digest);
    throw new DomainError('OBJECT_NOT_FOUND', `Nothing is stored under ${digest}; upload it first.`, 'missing');
  }
}

/** What was derived before has the column already, with the numbers of its own parent. */
function freeName(taken: ReadonlySet<string>): string {
  let name = ROW_NUMBER_COLUMN;
  for (let depth = 2; taken.has(name); depth += 1) name = `${ROW_NUMBER_COLUMN}_${depth}`;
  return name;
}

function tabularRule({ column, minimum, maximum, pattern, required }: ColumnRule) {
  return { column, required, ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }), ...(pattern !== '' && { pattern }) };
}

const CALLERS_FAULT: ReadonlySet<string> = new Set(['INVALID_EXPRESSION', 'UNKNOWN_COLUMN', 'FILE_UNREADABLE', 'QUERY_FAILED']);

async function explained<Value>(answer: Promise<Value>): Promise<Value> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof TabularError && CALLERS_FAULT.has(error.code)) throw new DomainError(error.code, error.message, 'invalid', { cause: error });
    throw error;
  }
}
