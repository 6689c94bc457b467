import { CommandHandler } from '@cairn/event-store';
import { derivedId, eventIdOf, type CommandMeta } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import type { RecordDigest } from '../domain/commands.js';
import { readModel } from '../domain/decider.js';
import { digestedServices, DigestSource, type DigestAnswer, type DigestedService } from './digest-source.js';

export interface RecordedDigest extends Pick<RecordDigest['data'], 'service' | 'position' | 'tables'> {
  /** Where the event lies that says so; undefined when the last one said the same. */
  readonly eventPosition: bigint | undefined;
}

export interface DigestRound {
  readonly recorded: readonly RecordedDigest[];
  /** Services that have nothing to digest yet. */
  readonly empty: readonly DigestedService[];
  readonly unreachable: readonly { readonly service: DigestedService; readonly detail: string }[];
}

/** Stream id of a service's read model. */
export function readModelId(service: DigestedService): string {
  return derivedId('read-model', service);
}

/** Asks services for the digests of their tables, one after the other so that the database has other work to do too, and records them. */
@Injectable()
export class DigestRecorder {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(DigestSource) private readonly source: DigestSource,
  ) {}

  async record(services: readonly DigestedService[], meta: CommandMeta): Promise<DigestRound> {
    const answers: { service: DigestedService; answer: DigestAnswer }[] = [];
    const recorded: RecordedDigest[] = [];
    for (const service of services) {
      const answer = await this.source.ask(service);
      answers.push({ service, answer });
      if (answer.kind !== 'digest') continue;
      const command: RecordDigest = { type: 'RecordDigest', data: answer.digest, meta: { ...meta, commandId: eventIdOf(meta.commandId, `digest/${service}`, 0) } };
      // A repeated request is answered as the first time: by what was recorded then, not by what the tables are now.
      const { events, position } = await this.commands.handle(readModel, command, { id: readModelId(service) });
      recorded.push({ ...(events[0]?.data ?? answer.digest), eventPosition: position });
    }
    return {
      recorded,
      empty: answers.flatMap(({ service, answer }) => (answer.kind === 'nothing' ? [service] : [])),
      unreachable: answers.flatMap(({ service, answer }) => (answer.kind === 'unreachable' ? [{ service, detail: answer.detail }] : [])),
    };
  }
  /** How far the log had come when a digest was recorded last, of any service; undefined before the first. */
  async lastPosition(): Promise<bigint | undefined> {
    const positions = await Promise.all(
      digestedServices.map(async (service) => {
        const { state } = await this.commands.state(readModel, readModelId(service));
        return state.status === 'digested' ? [state.last.position] : [];
      }),
    );
    return positions.flat().reduce<bigint | undefined>((last, position) => (last === undefined || position > last ? position : last), undefined);
  }
}
