import { ControlDesk } from './replicas/control-desk.js';
import { ReplicaDirectory } from './replicas/replica-directory.js';
import { SignsOfLife } from './replicas/signs-of-life.js';
import { HttpAdapterHost } from '@nestjs/core';
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
    @Inject(ControlDesk) private readonly desk: ControlDesk,
    @Inject(ReplicaDirectory) private readonly directory: ReplicaDirectory,
    @Inject(HttpAdapterHost) private readonly adapter: HttpAdapterHost,
    @Inject(SignsOfLife) private readonly signs: SignsOfLife,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.recorder.start();
    this.fleet.start();
    this.desk.start();
    this.directory.start();
    // Before it listens nobody could find it under what it says.
    this.adapter.httpAdapter.getHttpServer().once('listening', () => this.signs.start());
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.signs.close(), this.desk.close(), this.directory.close()]);
    await Promise.all(this.fleet.all().map((runtime) => runtime.comparisonsSettled()));
    await this.recorder.close(SEAL_ON_STOP_MS);
    await this.fleet.close();
  }
}
