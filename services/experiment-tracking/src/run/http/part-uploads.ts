import { join } from 'node:path';
import type { Clock } from '@cairn/kernel';
import { CLOCK, LOGGER, SERVICE_CONFIG, type Logger, type ServiceConfig } from '@cairn/service';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { UploadSpool } from '../../mlflow/upload-spool.js';

/** MLflow's client cuts files into parts of 10 MiB, or as its user says. */
const MAX_PART_BYTES = 1024 * 1024 * 1024;
const SWEEP_EVERY_MS = 60 * 60 * 1_000;

/** The spool of this service, and its cleaning. */
@Injectable()
export class PartUploads extends UploadSpool implements OnModuleInit, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(SERVICE_CONFIG) { dataDir }: ServiceConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super(join(dataDir, 'uploads'), MAX_PART_BYTES);
  }

  async onModuleInit(): Promise<void> {
    const clean = (): Promise<void> =>
      this.sweep(Date.parse(this.clock.now())).catch((error: unknown) => this.logger.warn({ err: error }, 'abandoned uploads could not be removed'));
    this.timer = setInterval(() => void clean(), SWEEP_EVERY_MS).unref();
    await clean();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }
}
