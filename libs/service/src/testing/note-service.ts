import { Body, Catch, Controller, Get, Header, HttpCode, Inject, Module, Param, Post, Req, UsePipes, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IsInt, IsOptional, IsString, MaxLength, Min } from 'class-validator';
import { NestedEach } from '../http/nested.js';
import { Column, DataSource, Entity, PrimaryColumn, type EntityManager, type MigrationInterface, type QueryRunner } from 'typeorm';
import type { catalog, EventOf } from '@cairn/contracts';
import { CommandHandler } from '@cairn/event-store';
import { DomainError, type Command, type CommandMeta, type Decider } from '@cairn/kernel';
import { OnEvent, type Delivery } from '@cairn/messaging';
import type { Projection, Recorded } from '@cairn/read-model';
import { Meta, newIdFor } from '../http/meta.decorator.js';
import { problemOf } from '../http/problem.js';
import type { ServiceSpec } from '../service-spec.js';

type Noted = EventOf<catalog.DatasetRegistered>;
type Note = Command<'Note', Noted['data']>;

/** A whole service in one file, for the specs of the bootstrap alone; its events are borrowed. */
const note: Decider<{ names: readonly string[] }, Note, Noted, 'NOTE_EXISTS'> = {
  category: 'dataset',
  initialState: () => ({ names: [] }),
  evolve: ({ names }, { data }) => ({ names: [...names, data.name] }),
  decide: ({ data }, { names }) =>
    names.length > 0 ? { refused: 'NOTE_EXISTS', message: 'It was noted before.' } : [{ type: 'cairn.catalog.v1.DatasetRegistered', data }],
  refusals: { NOTE_EXISTS: 'conflict' },
};

@Entity('note')
export class NoteRow {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  name: string;

  @Column('text')
  owner: string;
}

class NoteProjection implements Projection<Noted> {
  readonly name = 'notes';
  readonly types = ['cairn.catalog.v1.DatasetRegistered'] as const;
  readonly entities = [NoteRow];

  async apply(events: readonly Recorded<Noted>[], manager: EntityManager): Promise<void> {
    await manager.upsert(NoteRow, events.map(({ event, actor }) => ({ id: event.data.datasetId, name: event.data.name, owner: actor.principal })), ['id']);
  }
}

class Notes1800000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE note (id uuid PRIMARY KEY, name text NOT NULL, owner text NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE note');
  }
}

class LineDto {
  @IsInt()
  @Min(0)
  count: number;
}

class NoteDto {
  @IsString()
  @MaxLength(100)
  name: string;

  @IsOptional()
  @NestedEach(() => LineDto)
  lines?: LineDto[];
}

/** Under the second path they are asked for in a protocol that is not ours. */
@Controller(['notes', 'foreign/notes'])
class NoteController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(DataSource) private readonly dataSource: DataSource,
  ) {}

  @Post()
  async create(@Body() body: NoteDto, @Meta() meta: CommandMeta): Promise<NoteRow | null> {
    const datasetId = newIdFor(meta, 'note');
    await this.commands.handle(note, { type: 'Note', data: { datasetId, name: body.name, description: '', owner: '', tags: [] }, meta }, { id: datasetId });
    return this.dataSource.manager.findOneBy(NoteRow, { id: datasetId });
  }

  @Get('meta')
  meta(@Meta() meta: CommandMeta): CommandMeta {
    return meta;
  }

  @Get('refused/:kind')
  refuse(@Param('kind') kind: 'busy' | 'unmet'): never {
    throw new DomainError('REFUSED_HERE', 'Because of the spec.', kind);
  }

  @Get('defect')
  defect(): never {
    throw new Error('password=hunter2 at db.internal');
  }

  /** A stream without a parser: its size is the handler's business. */
  @Post('stream')
  @HttpCode(200)
  @Header('content-type', 'text/plain')
  @UsePipes()
  async stream(@Req() request: FastifyRequest): Promise<string> {
    let sizeBytes = 0;
    for await (const chunk of request.body as AsyncIterable<Buffer>) sizeBytes += chunk.length;
    return String(sizeBytes);
  }
}

/** What the policy was handed, by event id. */
export const heard = new Map<string, Delivery<Noted>>();

@Controller()
class OnNoted {
  @OnEvent<Noted>('cairn.catalog.v1.DatasetRegistered')
  async handle(@Payload() delivery: Delivery<Noted>): Promise<void> {
    heard.set(delivery.event.data.datasetId, delivery);
  }
}

/** Errors of the foreign protocol: a line of text. */
@Catch()
class ForeignFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const { status, code } = problemOf(error);
    void host.switchToHttp().getResponse<FastifyReply>().code(status).type('text/plain').send(`foreign ${code}`);
  }
}

@Module({ controllers: [NoteController, OnNoted] })
class NoteModule {}

export const noteService: ServiceSpec = {
  name: 'data-catalog',
  title: 'Notes',
  schema: 'notes',
  module: NoteModule,
  projections: [NoteProjection],
  migrations: [Notes1800000000000],
  policies: [OnNoted],
  bodyLimitBytes: 1_000,
  protocols: [{ covers: (path) => path.startsWith('/foreign/'), filter: ForeignFilter }],
  configure: (app) => {
    app
      .getHttpAdapter()
      .getInstance()
      .addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
  },
};
