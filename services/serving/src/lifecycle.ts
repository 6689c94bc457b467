import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Fleet } from './fleet/fleet.js';
import { InferenceRecorder } from './inference-log/recorder/inference-recorder.js';

/** As long as a platform waits before it kills. */
const SEAL_ON_STOP_MS = 10_000;

/** The data plane starts after the parts it needs, and stops when no request can come any more: answers first, then what is kept of them, then replicas. */
@Injectable()
export class ServingLifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(Fleet) private readonly fleet: Fleet,
    @Inject(InferenceRecorder) private readonly recorder: InferenceRecorder,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.recorder.start();
    this.fleet.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.fleet.all().map((runtime) => runtime.comparisonsSettled()));
    await this.recorder.close(SEAL_ON_STOP_MS);
    await this.fleet.close();
  }
}
