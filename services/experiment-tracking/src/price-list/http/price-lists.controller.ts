import { CommandHandler } from '@cairn/event-store';
import { derivedId, DomainError, type CommandMeta } from '@cairn/kernel';
import { keyOfToken, Meta, PageDto, pageOf, type Page } from '@cairn/service';
import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { priceList } from '../domain/decider.js';
import { PriceListsQuery } from '../views/price-lists/price-lists.query.js';
import { convertPriceList, convertPriceListDto } from './convert.js';
import { DeclarePriceListDto } from './declare-price-list.dto.js';

type PriceListJson = ReturnType<typeof convertPriceList>;

@ApiTags('cost')
@Controller('tracking/v1/price-lists')
export class PriceListsController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(PriceListsQuery) private readonly lists: PriceListsQuery,
  ) {}

  @ApiOperation({
    summary: 'Declare prices and factors of the workspace: a new version, unless the same were declared last',
    description: 'Prices are decimal texts. A list counts for runs that end at `valid_from_ms` or later; of lists with the same start the one that was declared last.',
  })
  @Post()
  async declare(@Body() body: DeclarePriceListDto, @Meta() meta: CommandMeta): Promise<PriceListJson> {
    const command = { type: 'DeclarePriceList' as const, data: convertPriceListDto(body), meta };
    const { state } = await this.commands.handle(priceList, command, { id: derivedId('price-list', meta.workspace) });
    const row = await this.lists.find(meta.workspace, state.version);
    if (row === null) throw new DomainError('PRICE_LIST_NOT_FOUND', 'The prices are recorded, but not shown yet.', 'busy');
    return convertPriceList(row);
  }

  @ApiOperation({ summary: 'Every version that was ever declared, newest first' })
  @Get()
  async list(@Query() { limit, page_token }: PageDto, @Meta() { workspace }: CommandMeta): Promise<Page<PriceListJson>> {
    const before = keyOfToken(page_token);
    if (before !== undefined && !/^\d{1,9}$/.test(before)) throw new DomainError('INVALID_PAGE_TOKEN', 'This page token was not given out by this list.', 'invalid');
    const rows = await this.lists.list(workspace, limit + 1, before === undefined ? undefined : Number(before));
    return pageOf(rows, limit, convertPriceList, ({ version }) => String(version));
  }
}
