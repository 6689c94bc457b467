import type { EventStore } from '@cairn/event-store';
import { ProjectionRunner } from '@cairn/read-model';
import { EVENT_STORE } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';

/** The tables of this service, which learn from the log what other services recorded. */
@Injectable()
export class OwnView {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(ProjectionRunner) private readonly runner: ProjectionRunner,
  ) {}

  /** Resolves once they show everything that the log holds now; throws DomainError READ_MODEL_BEHIND when that takes too long. */
  async catchUp(): Promise<void> {
    const size = await this.store.size();
    if (size > 0n) await this.runner.waitFor(size - 1n);
  }
}
