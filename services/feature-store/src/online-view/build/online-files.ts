import { DomainError, type JsonObject } from '@cairn/kernel';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE, TABULAR } from '@cairn/service';
import type { Tabular } from '@cairn/tabular';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type QueryRunner } from 'typeorm';
import { explained } from '../../dataset/expression-check.js';
import { entityKey, keyColumn, MAX_KEY_BYTES } from '../entity-key.js';

/** What has to be known of a file to read it. */
export interface OnlineFile {
  readonly digest: string;
  readonly entityColumns: readonly string[];
  readonly features: readonly string[];
}

const VALUES_PER_PAGE = 200_000;
const ROWS_PER_PAGE = 10_000;
const PAGE_BYTES = 64 * 1024 * 1024;
const KEPT_MINUTES = 10;

/**
 * Rows of materialised files in PostgreSQL, by digest. They follow from the digest alone, so nothing is lost with them: what is missing is read again from the object
 * store, and what no view answers from any more is dropped.
 */
@Injectable()
export class OnlineFiles {
  private readonly loading = new Map<string, Promise<void>>();

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(TABULAR) private readonly tabular: Tabular,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  /** All rows or none: one transaction. A file that is there already is left as it is. Throws DomainError KEY_TOO_LONG. */
  async load(file: OnlineFile): Promise<void> {
    const known = this.loading.get(file.digest);
    if (known !== undefined) return known;
    const loaded = this.loadNow(file).finally(() => this.loading.delete(file.digest));
    this.loading.set(file.digest, loaded);
    return loaded;
  }

  /** Those that were loaded a while ago and that no view answers from. One that a view needs again after all is loaded again. */
  async dropUnused(): Promise<void> {
    await this.dataSource.query(
      `DELETE FROM online_file AS f WHERE loaded_at < now() - make_interval(mins => $1) AND NOT EXISTS (SELECT FROM online_view AS v WHERE v.digest = f.digest)`,
      [KEPT_MINUTES],
    );
  }

  private async loadNow(file: OnlineFile): Promise<void> {
    const path = await this.objects.localPath(file.digest as Digest);
    const connection = this.dataSource.createQueryRunner();
    try {
      await connection.startTransaction();
      // Another process that loads the same file is waited for here.
      const added = (await connection.query('INSERT INTO online_file (digest) VALUES ($1) ON CONFLICT (digest) DO NOTHING RETURNING file', [file.digest])) as { file: number }[];
      const [entry] = added;
      if (entry !== undefined) await this.copyRows(connection, entry.file, path, file);
      await connection.commitTransaction();
    } catch (error) {
      if (connection.isTransactionActive) await connection.rollbackTransaction();
      throw error;
    } finally {
      await connection.release();
    }
  }

  private async copyRows(connection: QueryRunner, file: number, path: string, { entityColumns, features }: OnlineFile): Promise<void> {
    const rowsPerPage = Math.min(ROWS_PER_PAGE, Math.max(1, Math.floor(VALUES_PER_PAGE / features.length)));
    const columns = [...entityColumns.map((name, index) => `${quoted(keyColumn(name))} AS k${index}`), ...features.map((name, index) => `${quoted(name)} AS v${index}`)];
    const select = `SELECT ${columns.join(', ')} FROM materialised WHERE source_row >= $1::BIGINT AND source_row < $2::BIGINT ORDER BY source_row`;
    const options = { tables: { materialised: path }, maxRows: rowsPerPage, maxBytes: PAGE_BYTES };
    const values = features.map((_, index) => `v${index}`);
    const insert = `
      INSERT INTO online_row (file, entity_key, feature_values)
      SELECT $1, k, ARRAY[${values.join(', ')}] FROM unnest($2::text[]${features.map((_, index) => `, $${index + 3}::float8[]`).join('')}) AS page (k, ${values.join(', ')})`;
    for (let from = 0; ; from += rowsPerPage) {
      const page = await explained(this.tabular.query(select, [from, from + rowsPerPage], options));
      if (page.length > 0) await connection.query(insert, [file, page.map((row) => keyOf(row, entityColumns)), ...values.map((name) => page.map((row) => Number(row[name])))]);
      if (page.length < rowsPerPage) return;
    }
  }
}

function keyOf(row: JsonObject, entityColumns: readonly string[]): string {
  const key = entityKey(entityColumns.map((_, index) => String(row[`k${index}`])));
  if (Buffer.byteLength(key) <= MAX_KEY_BYTES) return key;
  throw new DomainError('KEY_TOO_LONG', `The key of entity ${key.slice(0, 60)}… is longer than ${MAX_KEY_BYTES} bytes and can't be looked up online.`, 'unmet');
}

/** An identifier of SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
