import { Histogram, type Registry } from 'prom-client';
import { OnlineFeaturesError, type OnlineColumn, type OnlineFeatures, type OnlineQuestion } from './online-features.js';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Counts look-ups by how they ended, and how long each took, the wait for others included. */
export class MeasuredLookUps implements OnlineFeatures {
  private readonly seconds: Histogram<'outcome'>;

  constructor(
    private readonly inner: OnlineFeatures,
    registry: Registry,
  ) {
    const help = 'From a request for features to their values.';
    this.seconds = new Histogram({ name: 'cairn_feature_look_up_seconds', help, labelNames: ['outcome'], buckets: SECONDS, registers: [registry] });
  }

  async lookUp(question: OnlineQuestion): Promise<ReadonlyMap<string, OnlineColumn>> {
    const startedAt = performance.now();
    const ended = (outcome: string): void => this.seconds.observe({ outcome }, (performance.now() - startedAt) / 1_000);
    try {
      const columns = await this.inner.lookUp(question);
      ended('answered');
      return columns;
    } catch (error) {
      ended(error instanceof OnlineFeaturesError ? error.code.toLowerCase() : 'failed');
      throw error;
    }
  }
}
