import { rm } from 'node:fs/promises';
import { CommandHandler } from '@cairn/event-store';
import { derivedId, DomainError, type CommandMeta } from '@cairn/kernel';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { newIdFor, OBJECT_STORE, TABULAR } from '@cairn/service';
import type { PointInTimeJoinSpec, Tabular, WrittenParquet } from '@cairn/tabular';
import { Inject, Injectable } from '@nestjs/common';
import { explained } from '../../dataset/expression-check.js';
import type { KnownVersionRow } from '../../dataset/views/known-version/known-version.entity.js';
import type { FeatureView } from '../../feature-view/views/view-list/view-list.query.js';
import { sourceName, windowFeature, windowFeatures, windowSource } from '../../feature-view/window.js';
import { onlineView } from '../domain/decider.js';
import { KEY_TYPE, keyColumn } from '../entity-key.js';
import { OnlineFiles, quoted } from './online-files.js';

/** 856,000 entities with two features took 20 s and 114 MB of PostgreSQL on two busy cores. */
const MAX_ENTITIES = 1_000_000;

export interface MaterialiseRequest {
  readonly view: FeatureView;
  /** Certified, of the view's dataset. */
  readonly versions: readonly KnownVersionRow[];
  /** RFC 3339 in UTC with milliseconds. */
  readonly until: string;
}

interface Entities extends WrittenParquet {
  readonly sourceRows: number;
}

/**
 * Computes what a view's window features say of every entity at a moment, by the join that also makes training sets: all that differs is that the rows that
 * are predicted are the entities, all at one moment. So an online value is what a training set would hold for that moment.
 */
@Injectable()
export class Materialiser {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(TABULAR) private readonly tabular: Tabular,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(OnlineFiles) private readonly files: OnlineFiles,
  ) {}

  /**
   * File first, then its rows, then the fact: what is killed in between leaves what nobody looks at, and the same request again ends it. Until the fact is there the values of
   * before are answered. Throws DomainError NOTHING_TO_MATERIALISE, KEY_TYPE, TOO_MANY_ENTITIES, KEY_TOO_LONG, NO_ENTITIES or OLDER_MOMENT.
   */
  async materialise({ view, versions, until }: MaterialiseRequest, meta: CommandMeta): Promise<void> {
    const features = windowFeatures(view).map(({ name }) => name);
    if (features.length === 0)
      throw new DomainError('NOTHING_TO_MATERIALISE', `Feature view ${view.name} has row features alone, whose values come with the predicted row.`, 'unmet');
    const paths = await Promise.all(versions.map(({ digest }) => this.objects.localPath(digest as Digest)));
    for (const path of paths) await this.checkKeys(view, path);
    const entities = await this.entities(view, paths, until);
    try {
      const written = await explained(this.tabular.pointInTimeJoin(joinOf(view, paths, entities.path, until)));
      try {
        await this.store(view, versions, until, entities, written, meta);
      } finally {
        await rm(written.path, { force: true });
      }
    } finally {
      await rm(entities.path, { force: true });
    }
  }

  private async store(
    view: FeatureView, versions: readonly KnownVersionRow[], until: string, { sourceRows }: Entities, written: WrittenParquet, meta: CommandMeta,
  ): Promise<void> {
    const { viewId, name: viewName, version: viewVersion, entityColumns } = view;
    const features = windowFeatures(view).map(({ name }) => name);
    const { digest, sizeBytes } = await this.objects.putFile(written.path);
    if (written.rowCount > 0) await this.files.load({ digest, entityColumns, features });
    const data = {
      materialisationId: newIdFor(meta, `materialisation of ${viewId}@${viewVersion}`),
      viewId, viewName, viewVersion, until, digest, entityColumns, features,
      sizeBytes: BigInt(sizeBytes),
      rowCount: BigInt(sourceRows),
      entityCount: BigInt(written.rowCount),
      datasetVersionIds: versions.map(({ versionId }) => versionId),
    };
    await this.commands.handle(onlineView, { type: 'RecordMaterialisation', data, meta }, { id: derivedId('online-view', viewId, String(viewVersion)) });
    await this.files.dropUnused();
  }

  private async checkKeys({ name, entityColumns }: FeatureView, path: string): Promise<void> {
    const types = new Map((await this.tabular.describe(path)).columns.map((column) => [column.name, column.type]));
    for (const column of entityColumns) {
      const type = types.get(column);
      if (type === undefined) throw new DomainError('UNKNOWN_COLUMN', `A dataset version has no column ${column}, which names the entity of ${name}.`, 'unmet');
      if (!KEY_TYPE.test(type))
        throw new DomainError('KEY_TYPE', `Entity column ${column} is ${type}: online keys are texts, whole numbers, booleans, UUIDs and dates.`, 'unmet');
    }
  }

  /** Every entity that a row names which was known before the moment, once. */
  private async entities({ knownTime, entityColumns }: FeatureView, paths: readonly string[], until: string): Promise<Entities> {
    const named = entityColumns.map((column) => `${quoted(column)} IS NOT NULL`);
    const known = `FROM source WHERE ${[`CAST((${knownTime}\n) AS TIMESTAMP) < ${momentOf(until)}`, ...named].join(' AND ')}`;
    const tables = { source: paths };
    const [counted] = await explained(this.tabular.query(`SELECT count(*) AS n ${known}`, [], { tables }));
    const columns = entityColumns.length === 0 ? '1 AS one' : entityColumns.map(quoted).join(', ');
    const order = entityColumns.length === 0 ? '1' : columns;
    const written = await explained(this.tabular.copyToParquet(`SELECT DISTINCT ${columns} ${known} ORDER BY ${order}`, [], { tables }));
    if (written.rowCount <= MAX_ENTITIES) return { ...written, sourceRows: Number(counted?.['n']) };
    await rm(written.path, { force: true });
    throw new DomainError('TOO_MANY_ENTITIES', `The view names ${written.rowCount} entities; at most ${MAX_ENTITIES} can be online.`, 'unmet');
  }
}

function joinOf(view: FeatureView, paths: readonly string[], entities: string, until: string): PointInTimeJoinSpec {
  const { entityColumns } = view;
  return {
    rows: { path: entities, predictionTime: momentOf(until) },
    sources: { [sourceName(view)]: windowSource(view, paths) },
    features: windowFeatures(view).map((feature) => windowFeature(view, feature, feature.name, entityColumns)),
    carry: entityColumns.map((column) => ({ column: keyColumn(column), expression: `CAST(${quoted(column)} AS VARCHAR)` })),
  };
}

/** A moment as SQL. */
function momentOf(until: string): string {
  return `make_timestamp(${Date.parse(until)}000)`;
}
