import { LOGGER, type Logger } from '@cairn/service';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { TraceObserver } from '../trace/observe/trace-observer.js';
import { SpanReindex } from './store/span-reindex.js';
import { SpanSealer } from './store/span-sealer.js';

const OBSERVE_EVERY_MS = 1_000;
const SEAL_EVERY_MS = 5_000;

/** What goes on without being asked: traces of which only spans have told become facts, and spans are sealed. */
@Injectable()
export class SpanKeeping implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly running = new Map<string, Promise<void>>();
  private stopped = false;

  constructor(
    @Inject(TraceObserver) private readonly observer: TraceObserver,
    @Inject(SpanSealer) private readonly sealer: SpanSealer,
    @Inject(SpanReindex) private readonly reindex: SpanReindex,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    let begun = false;
    this.every(OBSERVE_EVERY_MS, 'traces could not be observed', async () => {
      while (!this.stopped && (await this.observer.observeSettled())) continue;
    });
    this.every(SEAL_EVERY_MS, 'spans could not be sealed', async () => {
      if (!begun) await this.mend();
      begun = true;
      await this.sealer.sealDue();
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearInterval(timer);
    await Promise.allSettled(this.running.values());
  }

  /** What a crash, or a log that was restored without these tables, has left. */
  async mend(): Promise<void> {
    await this.observer.forgetDeleted();
    const segments = await this.reindex.reindex();
    if (segments > 0) this.logger.info({ segments }, 'the table of spans was made again from segments');
  }

  /** One at a time of each kind; a failure is tried again with the next turn. */
  private every(periodMs: number, failure: string, work: () => Promise<void>): void {
    const timer = setInterval(() => {
      if (this.running.has(failure)) return;
      const turn = work()
        .catch((error: unknown) => this.logger.warn({ err: error }, failure))
        .finally(() => this.running.delete(failure));
      this.running.set(failure, turn);
    }, periodMs);
    timer.unref();
    this.timers.push(timer);
  }
}
