import type { AlongsideAppend, EventStore, ExpectedRevision } from '@cairn/event-store';
import { decodeEvent, type EventOf, type registry } from '@cairn/contracts';
import { derivedId, DomainError, streamName, type DomainEvent } from '@cairn/kernel';
import { EVENT_STORE } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import type { GatePolicy } from '../domain/commands.js';

const RELEASED = 'cairn.registry.v1.ModelNameReleased';

interface Holder {
  readonly modelId: string;
  readonly workspace: string;
}

export interface NameClaim {
  readonly append: AlongsideAppend;
  /** What the name demanded of whoever had it before. */
  readonly inherited: readonly GatePolicy[];
}

/** Each name has a stream in its workspace, where it is claimed and released in turn: the store lets one claim through. */
@Injectable()
export class ModelNames {
  constructor(@Inject(EVENT_STORE) private readonly store: EventStore) {}

  /** Throws DomainError MODEL_NAME_TAKEN. */
  async claim(name: string, { modelId, workspace }: Holder): Promise<NameClaim> {
    const stream = streamOf(name, workspace);
    const [last] = await this.store.readStream(stream, { direction: 'backwards', limit: 1 });
    // A claim that this model made before is for the command handler to recognise as a repeated command.
    const isTaken = last !== undefined && last.type !== RELEASED && last.data['modelId'] !== modelId;
    if (isTaken) throw nameTaken(name);
    const expected: ExpectedRevision = last === undefined ? 'none' : last.revision;
    const claimed: DomainEvent = { type: 'cairn.registry.v1.ModelNameClaimed', data: { name, modelId } };
    const inherited = last?.type === RELEASED ? decodeEvent<EventOf<registry.ModelNameReleased>>(RELEASED, last.data).data.policies : [];
    return { append: { stream, expected, events: [claimed] }, inherited };
  }

  /** Where the name is released; throws DomainError NAMES_MOVED when the model does not hold the name any more. */
  async release(name: string, { modelId, workspace }: Holder): Promise<(policies: readonly GatePolicy[]) => AlongsideAppend> {
    const stream = streamOf(name, workspace);
    const [last] = await this.store.readStream(stream, { direction: 'backwards', limit: 1 });
    if (last === undefined || last.type === RELEASED || last.data['modelId'] !== modelId) throw namesMoved();
    return (policies) => ({ stream, expected: last.revision, events: [{ type: RELEASED, data: { name, modelId, policies } }] });
  }
}

export function nameTaken(name: string): DomainError {
  return new DomainError('MODEL_NAME_TAKEN', `Registered Model (name=${name}) already exists.`, 'conflict');
}

export function namesMoved(): DomainError {
  return new DomainError('NAMES_MOVED', 'The names of models kept changing at the same time. Send the request again.', 'busy');
}

function streamOf(name: string, workspace: string): string {
  return streamName('model-name', derivedId('model-name', workspace, name));
}
