import { METRICS } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { Fleet } from '../fleet/fleet.js';

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Requests by deployment and arm, and how many replicas stand behind them. */
@Injectable()
export class InferenceMetrics {
  private readonly requests: Counter<'deployment' | 'arm' | 'outcome'>;
  private readonly rows: Counter<'deployment' | 'arm'>;
  private readonly seconds: Histogram<'deployment' | 'arm'>;
  private readonly counters = new Map<string, ArmCounters>();

  constructor(@Inject(METRICS) registry: Registry, @Inject(Fleet) fleet: Fleet) {
    const registers = [registry];
    const byArm = ['deployment', 'arm'] as const;
    const byOutcome = ['deployment', 'arm', 'outcome'] as const;
    this.requests = new Counter({ name: 'cairn_inference_requests_total', help: 'Inference requests by how they ended.', labelNames: byOutcome, registers });
    this.rows = new Counter({ name: 'cairn_inference_rows_total', help: 'Rows that were predicted.', labelNames: byArm, registers });
    const help = 'From the choice of a replica to its answer.';
    this.seconds = new Histogram({ name: 'cairn_inference_seconds', help, labelNames: byArm, buckets: SECONDS, registers });
    new Gauge({
      name: 'cairn_replicas_ready',
      help: 'Replicas that have proved the version and take its requests.',
      labelNames: ['deployment', 'version'],
      registers,
      collect() {
        this.reset();
        for (const { deployment, live, candidate, fallback, group } of fleet.all()) {
          for (const version of [live, candidate?.version, fallback]) {
            if (version !== undefined) this.set({ deployment: deployment.name, version: String(version.version) }, group.ready(version.versionId).length);
          }
        }
      },
    });
  }

  answered(deployment: string, arm: string, rows: number, latencyMs: number): void {
    const counters = this.countersOf(deployment, arm);
    counters.answered.inc();
    counters.rows.inc(rows);
    counters.seconds.observe(latencyMs / 1_000);
  }

  failed(deployment: string, arm: string): void {
    this.requests.inc({ deployment, arm, outcome: 'failed' });
  }

  /** Found by their labels once: that costs more than to count. */
  private countersOf(deployment: string, arm: string): ArmCounters {
    const name = `${arm} ${deployment}`;
    const known = this.counters.get(name);
    if (known !== undefined) return known;
    const labels = { deployment, arm };
    const counters = { answered: this.requests.labels({ ...labels, outcome: 'answered' }), rows: this.rows.labels(labels), seconds: this.seconds.labels(labels) };
    this.counters.set(name, counters);
    return counters;
  }
}

interface ArmCounters {
  readonly answered: Counter.Internal;
  readonly rows: Counter.Internal;
  readonly seconds: Histogram.Internal<'deployment' | 'arm'>;
}
