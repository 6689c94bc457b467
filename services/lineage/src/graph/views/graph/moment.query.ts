import type { EventStore } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import { ProjectionRunner } from '@cairn/read-model';
import { EVENT_STORE, eventTime } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { GraphQuery } from './graph.query.js';

export interface Asked {
  readonly as_of_position?: string;
  readonly as_of_time?: string;
}

/** Before the first event. */
export const NOTHING_YET = -1n;

@Injectable()
export class MomentQuery {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(ProjectionRunner) private readonly runner: ProjectionRunner,
    @Inject(GraphQuery) private readonly graph: GraphQuery,
  ) {}

  /**
   * The position whose graph is asked for, by default the last one of the log; the graph shows everything up to it when this resolves. So whoever was
   * told of an event by any service finds it here. Throws INVALID_TIME, or READ_MODEL_BEHIND when the graph is too far behind.
   */
  async positionOf({ as_of_position, as_of_time }: Asked): Promise<bigint> {
    if (as_of_position !== undefined && as_of_time !== undefined) {
      throw new DomainError('ONE_MOMENT', 'Ask for the graph as of a position or as of a time, not both.', 'invalid');
    }
    const last = (await this.store.size()) - 1n;
    const asked = as_of_position === undefined ? last : BigInt(as_of_position);
    const position = asked < last ? asked : last;
    if (position >= 0n) await this.runner.waitFor(position);
    return as_of_time === undefined ? position : ((await this.graph.positionAt(eventTime(as_of_time))) ?? NOTHING_YET);
  }
}
