import { DomainError } from '@cairn/kernel';
import { readRows } from '@cairn/read-model';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { OnlineFiles } from '../../build/online-files.js';
import { OnlineViewRow } from './online-view.entity.js';

/** Values of a version of a view, as of one moment. */
export interface OnlineValues {
  /** RFC 3339. */
  readonly until: string;
  /** By entity key, in the order of the view's window features; entities that are not known are missing. */
  readonly byKey: ReadonlyMap<string, readonly number[]>;
}

interface Found {
  readonly until: string;
  readonly digest: string;
  readonly entity_columns: string[];
  readonly features: string[];
  readonly is_loaded: boolean;
  readonly entity_key: string | null;
  readonly feature_values: number[] | null;
}

/** One statement, so that moment and values belong together whatever is materialised or dropped beside it. */
const FIND = {
  name: 'features_online_values',
  text: `
    SELECT v.until, v.digest, v.entity_columns, v.features, f.file IS NOT NULL AS is_loaded, r.entity_key, r.feature_values
    FROM online_view AS v LEFT JOIN online_file AS f ON f.digest = v.digest LEFT JOIN online_row AS r ON r.file = f.file AND r.entity_key = ANY($3::text[])
    WHERE v.view_id = $1 AND v.version = $2`,
};
/** A file can be dropped again right after it was loaded, but hardly twice in a row. */
const LOADS = 3;

@Injectable()
export class OnlineViewQuery {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(OnlineFiles) private readonly files: OnlineFiles,
  ) {}

  async find(viewId: string, version: number): Promise<OnlineViewRow | null> {
    return this.dataSource.manager.findOneBy(OnlineViewRow, { viewId, version });
  }

  /** Undefined when nothing was materialised yet. Throws DomainError ONLINE_VALUES_LOADING. */
  async values(viewId: string, version: number, keys: readonly string[]): Promise<OnlineValues | undefined> {
    for (let attempt = 0; attempt < LOADS; attempt += 1) {
      const rows = await readRows<Found>(this.dataSource, FIND, [viewId, version, keys]);
      const [first] = rows;
      if (first === undefined) return undefined;
      if (first.is_loaded) {
        const byKey = new Map(rows.flatMap(({ entity_key, feature_values }) => (entity_key === null || feature_values === null ? [] : [[entity_key, feature_values] as const])));
        return { until: first.until, byKey };
      }
      await this.files.load({ digest: first.digest, entityColumns: first.entity_columns, features: first.features });
    }
    throw new DomainError('ONLINE_VALUES_LOADING', 'The online values are being loaded. Try again in a moment.', 'busy');
  }
}
