import { encodeEvent, type EventOf, type serving } from '@cairn/contracts';
import { derivedId, newId, streamName } from '@cairn/kernel';
import type { TestService } from '@cairn/testing';
import { labelFile, segmentFile, type LabelRow, type PredictionRow } from './parquet-files.js';

type LogEvent = EventOf<serving.InferenceSegmentSealed | serving.LabelsRecorded | serving.SegmentsExpired>;

/** A row that a model answered. */
export function prediction(eventTime: string, value: number, more: Partial<PredictionRow> = {}): PredictionRow {
  return { id: `${newId()}:0`, eventTime, prediction: value, features: { distance: 1 }, arm: 'live', versionId: 'v1', ...more };
}

/** What came true, known on 1 May 2001. */
export function label(row: PredictionRow, value: number, knownTime = '2001-05-01T00:00:00Z'): LabelRow {
  return { id: row.id, label: value, knownTime };
}

/** The inference log of one deployment as serving writes it: files in the object store, events in the log. */
export class InferenceLog {
  private readonly deploymentId: string;
  private readonly segmentIds: string[] = [];

  constructor(
    private readonly service: TestService,
    readonly deploymentName: string,
    private readonly workspace = 'default',
  ) {
    this.deploymentId = derivedId('deployment', workspace, deploymentName);
  }

  /** Stores a segment and says so; answers the place of the event. */
  async seal(...rows: readonly PredictionRow[]): Promise<bigint> {
    const { digest, sizeBytes } = await this.service.running.parts.objectStore.put(segmentFile(rows));
    const times = rows.map(({ eventTime }) => new Date(eventTime).toISOString()).sort();
    const ids = rows.map(({ id }) => id.slice(0, id.indexOf(':'))).sort();
    const segmentId = newId();
    this.segmentIds.push(segmentId);
    return this.append({
      type: 'cairn.serving.v1.InferenceSegmentSealed',
      data: {
        ...this.deployment, segmentId, digest, sizeBytes: BigInt(sizeBytes), rowCount: BigInt(rows.length),
        firstInferenceId: ids[0] ?? '', lastInferenceId: ids.at(-1) ?? '', firstTime: times[0] ?? '', lastTime: times.at(-1) ?? '',
        versionIds: [...new Set(rows.map(({ versionId }) => versionId))],
      },
    });
  }

  /** Says that all segments so far are too old to be shown. */
  async expire(): Promise<bigint> {
    const segmentIds = this.segmentIds.splice(0);
    return this.append({ type: 'cairn.serving.v1.SegmentsExpired', data: { ...this.deployment, expiryId: newId(), segmentIds, retentionDays: 30 } });
  }

  async recordLabels(...rows: readonly LabelRow[]): Promise<bigint> {
    const { digest } = await this.service.running.parts.objectStore.put(labelFile(rows));
    return this.recordBatch(digest, rows.length);
  }

  /** Says that a batch of labels is stored under this digest, whatever is there. */
  async recordBatch(digest: string, rowCount = 1): Promise<bigint> {
    const range = { firstInferenceId: '', lastInferenceId: '' };
    return this.append({ type: 'cairn.serving.v1.LabelsRecorded', data: { ...this.deployment, batchId: newId(), digest, rowCount: BigInt(rowCount), ...range } });
  }

  private get deployment() {
    return { deploymentId: this.deploymentId, deploymentName: this.deploymentName };
  }

  private async append(event: LogEvent): Promise<bigint> {
    const meta = { source: '/serving', workspace: this.workspace, actor: { principal: 'ana' }, correlationId: newId() };
    const events = [{ id: newId(), type: event.type, data: encodeEvent(event), meta }];
    const [result] = await this.service.store.append([{ stream: streamName('inference-log', this.deploymentId), expected: 'any', events }]);
    if (result === undefined) throw new Error('appended nothing');
    return result.position;
  }
}
