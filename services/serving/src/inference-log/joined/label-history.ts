import type { ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE, TABULAR } from '@cairn/service';
import type { Tabular } from '@cairn/tabular';
import { Inject, Injectable } from '@nestjs/common';
import { inferenceIdOf } from '../domain/prediction-id.js';
import { LogContentsQuery } from '../views/log-contents/log-contents.query.js';
import { localPaths, MAX_FILES } from './log-files.js';

/** What was said of one prediction, once. */
export interface LabelRecord {
  readonly label: number;
  /** RFC 3339 UTC. */
  readonly knownTime: string;
  readonly batchId: string;
  /** Of the event that recorded it. */
  readonly position: string;
  readonly recordedAt: string;
}

const RECORDS = `SELECT label, strftime(known_time, '%Y-%m-%dT%H:%M:%S.%gZ') AS known_time, file_index
  FROM label_record WHERE prediction_id = $id ORDER BY file_index, file_row_number`;

/** All labels that one prediction was given. */
@Injectable()
export class LabelHistory {
  constructor(
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(TABULAR) private readonly tabular: Tabular,
    @Inject(LogContentsQuery) private readonly contents: LogContentsQuery,
  ) {}

  /** In the order in which they were recorded: the last one counts. Undefined when more than `maxFiles` batches may name the prediction. Throws TOO_MANY_FILES. */
  async of(deploymentId: string, predictionId: string, maxFiles = MAX_FILES + 1): Promise<readonly LabelRecord[] | undefined> {
    const batches = await this.contents.batchesNaming(deploymentId, inferenceIdOf(predictionId), maxFiles + 1);
    if (batches.length > maxFiles) return undefined;
    if (batches.length === 0) return [];
    const labels = await localPaths(this.objects, batches, 'batches of labels');
    const rows = await this.tabular.query(RECORDS, { id: predictionId }, { labels });
    return rows.flatMap(({ label, known_time, file_index }) => {
      const batch = batches[Number(file_index)];
      return batch === undefined
        ? []
        : [{ label: Number(label), knownTime: String(known_time), batchId: batch.batchId, position: batch.position, recordedAt: batch.recordedAt }];
    });
  }
}
