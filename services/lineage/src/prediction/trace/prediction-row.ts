import { DomainError, type JsonObject } from '@cairn/kernel';
import { isDigest, type ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE, TABULAR } from '@cairn/service';
import type { Tabular } from '@cairn/tabular';
import { Inject, Injectable } from '@nestjs/common';
import type { SegmentIndexRow } from '../views/segment-index/segment-index.entity.js';
import { SegmentIndexQuery } from '../views/segment-index/segment-index.query.js';

/** A row of a segment: what was asked, and who answered what. */
export interface FoundPrediction {
  readonly segment: SegmentIndexRow;
  readonly row: JsonObject;
}

const PREDICTION_ID = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}):\d{1,9}$/;

// A shadow row has the id of the row that was answered, and was only compared.
const ANSWERED = "SELECT * FROM segment WHERE prediction_id = $1 AND arm <> 'shadow' LIMIT 1";

@Injectable()
export class PredictionRowFinder {
  constructor(
    @Inject(SegmentIndexQuery) private readonly segments: SegmentIndexQuery,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(TABULAR) private readonly tabular: Tabular,
  ) {}

  /** Throws INVALID_PREDICTION_ID or PREDICTION_NOT_FOUND. */
  async find(workspace: string, predictionId: string): Promise<FoundPrediction> {
    const [, inferenceId] = PREDICTION_ID.exec(predictionId) ?? [];
    if (inferenceId === undefined) {
      throw new DomainError('INVALID_PREDICTION_ID', 'A prediction id is the id of the inference and the row in it, e.g. <uuid>:0.', 'invalid');
    }
    for (const segment of await this.segments.candidates(workspace, inferenceId)) {
      if (!isDigest(segment.digest)) continue;
      const path = await this.objects.localPath(segment.digest);
      const [row] = await this.tabular.query(ANSWERED, [predictionId], { tables: { segment: path }, maxRows: 1 });
      if (row !== undefined) return { segment, row };
    }
    throw new DomainError('PREDICTION_NOT_FOUND', 'No sealed segment has this prediction. A prediction can be traced once its segment is sealed.', 'missing');
  }
}
