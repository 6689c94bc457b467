import type { AlongsideAppend, EventStore, ExpectedRevision } from '@cairn/event-store';
import { derivedId, DomainError, streamName, type DomainEvent } from '@cairn/kernel';
import { EVENT_STORE } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';

const RELEASED = 'cairn.tracking.v1.ExperimentNameReleased';

interface Holder {
  readonly experimentId: string;
  readonly workspace: string;
}

/** Each name has a stream in its workspace, where it is claimed and released in turn: the store lets one claim through. */
@Injectable()
export class ExperimentNames {
  constructor(@Inject(EVENT_STORE) private readonly store: EventStore) {}

  /** Throws DomainError EXPERIMENT_NAME_TAKEN. */
  async claim(name: string, { experimentId, workspace }: Holder): Promise<AlongsideAppend> {
    const stream = streamOf(name, workspace);
    const [last] = await this.store.readStream(stream, { direction: 'backwards', limit: 1 });
    // A claim that this experiment made before is for the command handler to recognise as a repeated command.
    const isTaken = last !== undefined && last.type !== RELEASED && last.data['experimentId'] !== experimentId;
    if (isTaken) throw nameTaken(name);
    const expected: ExpectedRevision = last === undefined ? 'none' : last.revision;
    const claimed: DomainEvent = { type: 'cairn.tracking.v1.ExperimentNameClaimed', data: { name, experimentId } };
    return { stream, expected, events: [claimed] };
  }

  /** Throws DomainError NAMES_MOVED when the experiment does not hold the name any more. */
  async release(name: string, { experimentId, workspace }: Holder): Promise<AlongsideAppend> {
    const stream = streamOf(name, workspace);
    const [last] = await this.store.readStream(stream, { direction: 'backwards', limit: 1 });
    if (last === undefined || last.type === RELEASED || last.data['experimentId'] !== experimentId) throw namesMoved();
    const released: DomainEvent = { type: RELEASED, data: { name, experimentId } };
    return { stream, expected: last.revision, events: [released] };
  }
}

export function nameTaken(name: string): DomainError {
  return new DomainError('EXPERIMENT_NAME_TAKEN', `Experiment(name=${name}) already exists.`, 'conflict');
}

export function namesMoved(): DomainError {
  return new DomainError('NAMES_MOVED', 'The names of experiments kept changing at the same time. Send the request again.', 'busy');
}

function streamOf(name: string, workspace: string): string {
  return streamName('experiment-name', derivedId('experiment-name', workspace, name));
}
