import { CommandHandler } from '@cairn/event-store';
import { derivedId, DomainError, type CommandMeta } from '@cairn/kernel';
import { keyOfToken, Meta, PageDto, pageOf } from '@cairn/service';
import type { UserExpression } from '@cairn/tabular';
import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ExpressionCheck } from '../../dataset/expression-check.js';
import type { Definition } from '../domain/commands.js';
import { featureView } from '../domain/decider.js';
import { ViewListQuery } from '../views/view-list/view-list.query.js';
import { convertDefinition, convertView } from './convert.js';
import { DefineViewDto } from './define-view.dto.js';

@ApiTags('feature views')
@Controller('features/v1/feature-views')
export class FeatureViewController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(ExpressionCheck) private readonly expressions: ExpressionCheck,
    @Inject(ViewListQuery) private readonly views: ViewListQuery,
  ) {}

  /** A changed definition under the same name is the next version; the same definition again is the same version. */
  @Post()
  async define(@Body() body: DefineViewDto, @Meta() meta: CommandMeta) {
    const viewId = derivedId('feature-view', meta.workspace, body.name);
    const definition = convertDefinition(viewId, body);
    await this.expressions.check(meta.workspace, body.dataset_name, expressionsOf(definition), body.entity_columns);
    await this.commands.handle(featureView, { type: 'DefineFeatureView', data: definition, meta }, { id: viewId });
    return this.find(body.name, meta);
  }

  @Get()
  async list(@Query() { limit, page_token }: PageDto, @Meta() meta: CommandMeta) {
    return pageOf(await this.views.list(meta.workspace, limit, keyOfToken(page_token)), limit, convertView, ({ name }) => name);
  }

  @Get(':name')
  async find(@Param('name') name: string, @Meta() meta: CommandMeta) {
    const view = await this.views.find(meta.workspace, name);
    if (view === undefined) throw new DomainError('FEATURE_VIEW_NOT_FOUND', `No feature view is named ${name}.`, 'missing');
    return convertView(view);
  }
}

function expressionsOf({ eventTime, knownTime, features }: Definition): readonly UserExpression[] {
  const times = [eventTime, knownTime, ...features.flatMap((feature) => (feature.knownTime === '' ? [] : [feature.knownTime]))];
  return [...times.map((sql): UserExpression => ({ sql, use: 'time' })), ...features.map(({ expression }): UserExpression => ({ sql: expression, use: 'number' }))];
}
