import type { Digest, ObjectStore } from '@cairn/object-store';
import { LOGGER, OBJECT_STORE, TABULAR, type Logger } from '@cairn/service';
import { TabularError, type Tabular } from '@cairn/tabular';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { InferenceFileRow } from '../views/inference-files/inference-file.entity.js';
import { InferenceFilesQuery } from '../views/inference-files/inference-files.query.js';
import { lastingReason } from './lasting-reason.js';

/** Columns as serving writes them. */
const COLUMNS: Readonly<Record<string, RegExp>> = { prediction_id: /^VARCHAR$/, label: /^DOUBLE$/, known_time: /^TIMESTAMP/ };
const REMEMBERED_BATCHES = 100_000;

/** Files of labels. All of a deployment are read together, so one that can't be read must not be among them. */
@Injectable()
export class LabelBatches {
  /** A digest names the same bytes for ever, so what was sound once stays so. */
  private readonly sound = new LRUCache<string, true>({ max: REMEMBERED_BATCHES });

  constructor(
    @Inject(TABULAR) private readonly tabular: Tabular,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(InferenceFilesQuery) private readonly files: InferenceFilesQuery,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Throws ObjectStoreError or TabularError when the file is missing or holds no labels. */
  async check(digest: string): Promise<void> {
    if (this.sound.has(digest)) return;
    const { columns } = await this.tabular.describe(await this.objects.localPath(digest as Digest));
    for (const [name, type] of Object.entries(COLUMNS)) {
      if (columns.some((column) => column.name === name && type.test(column.type))) continue;
      throw new TabularError('UNKNOWN_COLUMN', `The file ${digest} holds no labels: it has no column ${name} of the right type.`);
    }
    this.sound.set(digest, true);
  }

  /** In log order, without those that can't be read: they were dead letters when they came. */
  async readable(workspace: string, deploymentName: string): Promise<readonly InferenceFileRow[]> {
    const readable: InferenceFileRow[] = [];
    for (const batch of await this.files.allOf(workspace, deploymentName, 'labels')) {
      try {
        await this.check(batch.digest);
        readable.push(batch);
      } catch (error) {
        const reason = lastingReason(error);
        if (reason === undefined) throw error;
        this.logger.warn({ batchId: batch.fileId, deploymentName, reason }, 'a batch of labels can not be read and does not count');
      }
    }
    return readable;
  }
}
