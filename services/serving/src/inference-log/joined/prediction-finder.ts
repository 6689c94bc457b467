import { DomainError, type Clock, type JsonObject } from '@cairn/kernel';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { CLOCK, OBJECT_STORE, SERVICE_SETTINGS, TABULAR } from '@cairn/service';
import type { Tabular } from '@cairn/tabular';
import { Inject, Injectable } from '@nestjs/common';
import type { ServingSettings } from '../../config.js';
import { inferenceIdOf, timeOfId } from '../domain/prediction-id.js';
import { LogContentsQuery } from '../views/log-contents/log-contents.query.js';
import type { SegmentRow } from '../views/log-contents/segment.entity.js';

/** A row as the segment has it. Times are RFC 3339 UTC. */
export interface FoundRow {
  readonly row: JsonObject;
  readonly segment: SegmentRow;
}

export interface FoundPrediction {
  /** What the caller was answered. */
  readonly answered: FoundRow;
  /** What a version that was being compared would have answered. */
  readonly compared: readonly FoundRow[];
}

const ROWS = `SELECT * REPLACE (strftime(time::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%gZ') AS time, strftime(event_time::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%gZ') AS event_time)
  FROM segment WHERE prediction_id = $id`;
/** Of the answer and its comparisons. */
const MAX_ROWS = 16;
/** Writing a segment and telling the log takes time too. */
const SEALING_MS = 30_000;

/** From a prediction back to the log: its id is in the order of time, and each segment says from which id to which it goes. */
@Injectable()
export class PredictionFinder {
  constructor(
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(TABULAR) private readonly tabular: Tabular,
    @Inject(LogContentsQuery) private readonly contents: LogContentsQuery,
    @Inject(SERVICE_SETTINGS) private readonly settings: ServingSettings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws DomainError PREDICTION_NOT_SEALED or PREDICTION_NOT_FOUND. */
  async find(deploymentId: string, predictionId: string): Promise<FoundPrediction> {
    const found: FoundRow[] = [];
    for (const segment of await this.contents.segmentsAround(deploymentId, inferenceIdOf(predictionId))) {
      const path = await this.objects.localPath(segment.digest as Digest);
      const rows = await this.tabular.query(ROWS, { id: predictionId }, { tables: { segment: path }, maxRows: MAX_ROWS });
      found.push(...rows.map((row) => ({ row, segment })));
    }
    const answered = found.find(({ row }) => row['arm'] !== 'shadow');
    if (answered === undefined) throw this.absent(predictionId);
    return { answered, compared: found.filter((one) => one !== answered) };
  }

  private absent(predictionId: string): DomainError {
    const { segmentAgeSeconds } = this.settings;
    const ageMs = Date.parse(this.clock.now()) - timeOfId(inferenceIdOf(predictionId));
    if (ageMs < segmentAgeSeconds * 1_000 + SEALING_MS) {
      const when = `Predictions are sealed ${segmentAgeSeconds} seconds after the first of their segment at the latest, or on POST …/seal.`;
      return new DomainError('PREDICTION_NOT_SEALED', `This prediction is in no sealed segment yet. ${when}`, 'missing');
    }
    const why = 'the sample left it out, its segment has expired, it is listed among the losses, or it was never made by this deployment';
    return new DomainError('PREDICTION_NOT_FOUND', `No segment has this prediction: ${why}.`, 'missing');
  }
}
