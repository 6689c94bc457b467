import type { EventStore } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import { EVENT_STORE, type FastifyReply } from '@cairn/service';
import { consistencyProofFrom, hashAt, inclusionProofFrom, rootFrom, TILE_WIDTH } from '@cairn/transparency';
import { Controller, Get, Header, HttpCode, Inject, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { LogLeader } from '../integrator/log-leader.js';
import { makeReceipt, whileComplete } from '../tree/receipt-maker.js';
import { TreeStore } from '../tree/tree-store.js';
import { LogVerification } from '../verification/log-verification.js';
import { convertHash, convertReport, convertVerdict, type VerdictResponse } from './convert.js';
import { ConsistencyDto, EventsDto, InclusionDto, ReceiptDto } from './log.dto.js';

/** A page of events ends early when it has so many characters. */
const MAX_PAGE_CHARS = 8 * 1024 * 1024;

@ApiTags('transparency log')
@Controller('lineage/v1/log')
export class LogController {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(TreeStore) private readonly tree: TreeStore,
    @Inject(LogLeader) private readonly leader: LogLeader,
    @Inject(LogVerification) private readonly verification: LogVerification,
  ) {}

  /** How long the log is, how much of it is hashed and covered by the public checkpoint, and why not more. */
  @Get('size')
  async size(): Promise<object> {
    const [size, { treeSize }, signed] = await Promise.all([this.store.size(), this.tree.head(), this.leader.signed()]);
    const { refusal, state, witnesses } = this.leader;
    return {
      size: String(size),
      position: size === 0n ? null : String(size - 1n),
      tree_size: String(treeSize),
      signed_size: String(signed?.size ?? 0n),
      state,
      ...(witnesses !== undefined && { cosigning: convertReport(witnesses) }),
      ...(refusal !== undefined && {
        refusal: { code: refusal.code, detail: refusal.message, ...(refusal.position !== undefined && { position: String(refusal.position) }) },
      }),
    };
  }

  /** The verifier key: compare it with one that reached you another way. */
  @Get('key')
  key(@Res() reply: FastifyReply): void {
    void reply.type('text/plain; charset=utf-8').send(`${this.leader.key.verifierKey}\n`);
  }

  /** The policy that checkpoints are published under: fetch it once and keep it, since one that comes from the log itself proves nothing by itself. */
  @Get('policy')
  policy(@Res() reply: FastifyReply): void {
    void reply.type('text/plain; charset=utf-8').send(this.leader.policyText);
  }

  @Get('inclusion')
  async inclusion(@Query() query: InclusionDto): Promise<object> {
    const signedSize = await this.signedSize();
    const position = BigInt(query.position);
    const size = query.size === undefined ? signedSize : BigInt(query.size);
    demandSigned(size, signedSize);
    if (position >= size) throw new DomainError('POSITION_NOT_COVERED', `A tree of ${size} events does not cover position ${position}.`, 'missing');
    const index = position / BigInt(TILE_WIDTH);
    const offset = Number(position % BigInt(TILE_WIDTH));
    const [proof, root, [tile]] = await whileComplete(
      Promise.all([
        inclusionProofFrom(this.tree, position, size),
        rootFrom(this.tree, size),
        this.tree.tiles([{ level: 0, index, width: offset + 1 }]),
      ]),
    );
    if (tile === undefined) throw new DomainError('POSITION_NOT_COVERED', `The tree does not cover position ${position}.`, 'missing');
    return {
      position: String(position),
      size: String(size),
      leaf_hash: convertHash(hashAt(tile, offset)),
      root: convertHash(root),
      proof: proof.map(convertHash),
    };
  }

  /** A receipt of C2SP tlog-proof against the public checkpoint: with the event's text and the keys that one trusts, it verifies with no network. */
  @Get('proof')
  async proof(@Query() query: ReceiptDto, @Res() reply: FastifyReply): Promise<void> {
    const position = BigInt(query.position);
    const signed = await this.leader.signed();
    if (signed === undefined || position >= signed.size) {
      throw new DomainError('POSITION_NOT_COVERED', `The public checkpoint covers ${signed?.size ?? 0n} events, not position ${position} yet.`, 'missing');
    }
    const receipt = await makeReceipt(this.tree, signed.note, this.leader.key.verifiers, position);
    // Another checkpoint comes soon, and the next receipt is against that one.
    await reply.type('text/plain; charset=utf-8').header('cache-control', 'no-cache').send(receipt);
  }

  @Get('consistency')
  async consistency(@Query() query: ConsistencyDto): Promise<object> {
    const signedSize = await this.signedSize();
    const from = BigInt(query.from);
    const to = query.to === undefined ? signedSize : BigInt(query.to);
    demandSigned(to, signedSize);
    if (from > to) throw new DomainError('SIZES_REVERSED', 'The tree at `from` must not be larger than the tree at `to`.', 'invalid');
    const [proof, fromRoot, toRoot] = await whileComplete(
      Promise.all([consistencyProofFrom(this.tree, from, to), rootFrom(this.tree, from), rootFrom(this.tree, to)]),
    );
    return { from: String(from), to: String(to), from_root: convertHash(fromRoot), to_root: convertHash(toRoot), proof: proof.map(convertHash) };
  }

  /** The exact text of every event, for copies that are verified elsewhere. */
  @Get('events')
  async events(@Query() { from, limit }: EventsDto): Promise<object> {
    const { events } = await this.store.readRecords(BigInt(from), { limit });
    const shown: { position: string; body: string }[] = [];
    for (let chars = 0; shown.length < events.length; ) {
      const record = events[shown.length];
      if (record === undefined || (chars > 0 && chars + record.body.length > MAX_PAGE_CHARS)) break;
      chars += record.body.length;
      shown.push({ position: String(record.position), body: record.body });
    }
    return { events: shown, next: String(BigInt(from) + BigInt(shown.length)) };
  }

  /** Hashes the whole log again and compares it with the last signed checkpoint, and every stored tile with the log. */
  @Post('verify')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async verify(): Promise<VerdictResponse> {
    return convertVerdict(await this.verification.verify());
  }

  private async signedSize(): Promise<bigint> {
    return (await this.leader.signed())?.size ?? 0n;
  }
}

function demandSigned(size: bigint, signedSize: bigint): void {
  if (size > signedSize) throw new DomainError('SIZE_NOT_SIGNED', `The last signed checkpoint covers ${signedSize} events.`, 'missing');
}
