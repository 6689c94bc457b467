import type { CommandMeta } from '@cairn/kernel';
import { Meta, type FastifyReply, type FastifyRequest } from '@cairn/service';
import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { NamedVersion } from '../../provenance/http/named-version.js';
import { cardMarkdown } from '../writing/card-markdown.js';
import { writeCard, type ModelCard } from '../writing/model-card.js';
import { CardFactsReader } from './card-facts.js';

@ApiTags('model cards')
@Controller('registry/v1')
export class ModelCardController {
  constructor(
    @Inject(NamedVersion) private readonly named: NamedVersion,
    @Inject(CardFactsReader) private readonly facts: CardFactsReader,
  ) {}

  @Get('models/:model/versions/:version/card')
  @ApiOperation({ summary: 'What the log says about a version, as JSON or, with Accept: text/markdown, for a person to read.' })
  @ApiProduces('application/json', 'text/markdown')
  async card(
    @Param('model') model: string,
    @Param('version') number: string,
    @Meta() meta: CommandMeta,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ModelCard | string> {
    const found = await this.named.require(model, number, meta);
    const card = writeCard(await this.facts.read(found.model, found.version));
    void reply.header('vary', 'Accept');
    if (!wantsMarkdown(request.headers.accept)) return card;
    void reply.header('content-type', 'text/markdown; charset=utf-8');
    return cardMarkdown(card);
  }
}

/** Whoever names Markdown gets it, unless JSON is named before it or Markdown is declined (`q=0`). */
function wantsMarkdown(accept: string | undefined): boolean {
  const types = (accept ?? '').toLowerCase().split(',').map((one) => one.trim());
  const named = types.find((type) => /^(?:text\/markdown|application\/json)\s*(?:;|$)/.test(type) && !/;\s*q=0(?:\.0*)?\s*$/.test(type));
  return named?.startsWith('text/markdown') ?? false;
}
