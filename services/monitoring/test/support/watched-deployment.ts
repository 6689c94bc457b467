import { decodeEvent, type EventOf, type monitoring } from '@cairn/contracts';
import { newId } from '@cairn/kernel';
import { waitUntil, type TestService } from '@cairn/testing';
import { InferenceLog } from './inference-log.js';
import { numbersFile } from './parquet-files.js';

export type WindowEvaluated = EventOf<monitoring.WindowEvaluated>;

const THRESHOLDS = {
  feature_psi: 100, prediction_psi: 100, label_rate_change: 100, minimum_auc: 0, minimum_labels: 1, consecutive_windows: 1, window_days: 7,
};

/** Distances 1 to 11, one of each; three rows in ten, rounded, are late. */
export const REFERENCE = { distance: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], label: [1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0] };

export interface MonitorChanges {
  readonly name?: string;
  readonly features?: readonly string[];
  readonly thresholds?: Partial<typeof THRESHOLDS>;
  readonly reference?: Readonly<Record<string, readonly number[]>>;
}

/** A deployment of its own for one test, with a monitor whose thresholds nothing exceeds unless told otherwise. */
export class WatchedDeployment {
  private constructor(
    private readonly service: TestService,
    readonly log: InferenceLog,
    readonly monitorName: string,
  ) {}

  static async open(service: TestService, changes: MonitorChanges = {}): Promise<WatchedDeployment> {
    const name = changes.name ?? `late-${newId()}`;
    const deployment = new WatchedDeployment(service, new InferenceLog(service, name), name);
    await deployment.monitor({ ...changes, name });
    return deployment;
  }

  /** Declares a further monitor; answers its id. */
  async monitor({ name = this.monitorName, features = ['distance'], thresholds = {}, reference = REFERENCE }: MonitorChanges): Promise<string> {
    const { digest } = await this.service.running.parts.objectStore.put(numbersFile(reference));
    const { status, body } = await this.service.fetchJson('POST', '/monitoring/v1/monitors', {
      name, deployment: this.log.deploymentName, reference_training_set_id: newId(), reference_digest: digest, features,
      thresholds: { ...THRESHOLDS, ...thresholds },
    });
    if (status !== 201) throw new Error(`not declared: ${JSON.stringify(body)}`);
    return body.monitor_id;
  }

  /** The latest judgement of each window, oldest window first, as callers see it. */
  async windows(monitorName = this.monitorName) {
    return (await this.service.fetchJson('GET', `/monitoring/v1/monitors/${monitorName}/windows`)).body.items;
  }

  /** Waits until that many windows are judged, and answers them. */
  async judged(count: number, monitorName = this.monitorName) {
    return waitUntil(`${count} judged windows`, async () => {
      const windows = await this.windows(monitorName);
      return windows.length >= count && windows;
    });
  }

  /** All judgements in the log, in its order. */
  async evaluations(): Promise<WindowEvaluated['data'][]> {
    const monitorId = (await this.service.fetchJson('GET', `/monitoring/v1/monitors/${this.monitorName}`)).body.monitor_id;
    const { events } = await this.service.store.readAll(0n, { filter: { types: ['cairn.monitoring.v1.WindowEvaluated'] }, limit: 10_000 });
    return events.map(({ type, data }) => decodeEvent<WindowEvaluated>(type, data).data).filter((data) => data.monitorId === monitorId);
  }
}
