import type { JsonObject, JsonValue } from '@cairn/kernel';
import { isDigest, type ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE, TABULAR } from '@cairn/service';
import type { Tabular } from '@cairn/tabular';
import { Inject, Injectable } from '@nestjs/common';
import type { GraphNode } from '../../graph/views/graph/graph.query.js';

/** Rows of one dataset version; row i became row i of the step before. */
export interface RowsOfVersion {
  readonly versionId: string;
  readonly label: string;
  readonly rows: readonly number[];
}

export interface SourceRows {
  /** Rows that the training set has. */
  readonly count: number;
  /** A few row numbers (from 0) in the dataset version that the training set was made of. */
  readonly examples: readonly number[];
  /** The same rows, version by version, down to the one that came from outside. */
  readonly versions: readonly RowsOfVersion[];
}

const EXAMPLES = 5;

@Injectable()
export class SourceRowsQuery {
  constructor(
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(TABULAR) private readonly tabular: Tabular,
  ) {}

  /** Undefined for a training set that was not built, or does not say where its rows came from. `versions` is the sampled one and its parents. */
  async of(trainingSet: GraphNode, versions: readonly GraphNode[]): Promise<SourceRows | undefined> {
    const { digest, source_row_column: column } = trainingSet.attributes;
    if (typeof digest !== 'string' || !isDigest(digest) || typeof column !== 'string' || column === '') return undefined;
    const tables = { training: await this.objects.localPath(digest) };
    const sql = `SELECT ${quoted(column)} AS source, count(*) OVER () AS rows FROM training ORDER BY source LIMIT ${EXAMPLES}`;
    const found = await this.tabular.query(sql, [], { tables, maxRows: EXAMPLES });
    const examples = found.map(({ source }) => Number(source));
    return { count: Number(found[0]?.['rows'] ?? 0), examples, versions: await this.follow(examples, versions) };
  }

  private async follow(examples: readonly number[], versions: readonly GraphNode[]): Promise<RowsOfVersion[]> {
    const followed: RowsOfVersion[] = [];
    let rows = examples;
    for (const version of versions) {
      followed.push({ versionId: version.id, label: version.label, rows });
      const column = rowNumberColumn(version.attributes['derived_from']);
      const { digest } = version.attributes;
      if (column === undefined || typeof digest !== 'string' || !isDigest(digest) || rows.length === 0) break;
      rows = await this.parentRows(digest, column, rows);
    }
    return followed;
  }

  private async parentRows(digest: `sha256:${string}`, column: string, rows: readonly number[]): Promise<number[]> {
    const places = rows.map((_, at) => `$${at + 1}`).join(', ');
    const found = await this.tabular.query(
      `SELECT file_row_number AS child, ${quoted(column)} AS parent FROM version WHERE file_row_number IN (${places})`,
      rows,
      { tables: { version: await this.objects.localPath(digest) }, rowNumbers: true, maxRows: rows.length },
    );
    const parents = new Map(found.map(({ child, parent }) => [Number(child), Number(parent)]));
    return rows.flatMap((row) => parents.get(row) ?? []);
  }
}

/** Of the first parent that says in which column its row numbers are. */
function rowNumberColumn(derivedFrom: JsonValue | undefined): string | undefined {
  const [parent] = Array.isArray(derivedFrom) ? derivedFrom : [];
  const column = (parent as JsonObject | undefined)?.['row_number_column'];
  return typeof column === 'string' && column !== '' ? column : undefined;
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
