import type { EventStore } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import { EVENT_STORE, type FastifyReply, type FastifyRequest } from '@cairn/service';
import { encodeEntries, HASH_BYTES, parseTilePath, TILE_WIDTH, TransparencyError, type TilePath } from '@cairn/transparency';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { LogLeader } from '../integrator/log-leader.js';
import { TreeStore } from '../tree/tree-store.js';

/** A tile never changes. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** The log as C2SP tlog-tiles lays it out, for verifiers that know nothing of Cairn. */
@ApiTags('transparency log')
@Controller()
export class TileController {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(TreeStore) private readonly tree: TreeStore,
    @Inject(LogLeader) private readonly leader: LogLeader,
  ) {}

  @Get('checkpoint')
  async checkpoint(@Res() reply: FastifyReply): Promise<void> {
    const signed = await this.leader.signed();
    if (signed === undefined) throw new DomainError('NOTHING_SIGNED', 'No checkpoint was signed yet.', 'missing');
    await reply.type('text/plain; charset=utf-8').header('cache-control', 'no-cache').send(signed.note);
  }

  @Get('tile/*')
  async tile(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const path = parsePath(request.url.split('?')[0]?.slice(1) ?? '');
    const content = path.kind === 'entries' ? await this.entries(path) : await this.hashes(path);
    if (content === undefined) throw notThere();
    await reply.type('application/octet-stream').header('cache-control', FOR_EVER).send(Buffer.from(content));
  }

  private async hashes(tile: TilePath & { kind: 'hashes' }): Promise<Uint8Array | undefined> {
    const [hashes] = await this.tree.tiles([tile]);
    return hashes?.subarray(0, tile.width * HASH_BYTES);
  }

  private async entries({ index, width }: TilePath): Promise<Uint8Array | undefined> {
    const { events } = await this.store.readRecords(index * BigInt(TILE_WIDTH), { limit: width });
    return events.length < width ? undefined : encodeEntries(events.map(({ body }) => Buffer.from(body, 'utf8')));
  }
}

function parsePath(path: string): TilePath {
  try {
    return parseTilePath(path);
  } catch (error) {
    if (error instanceof TransparencyError) throw notThere();
    throw error;
  }
}

function notThere(): DomainError {
  return new DomainError('TILE_NOT_FOUND', 'The log has no such tile.', 'missing');
}
