import { DomainError, type CommandMeta } from '@cairn/kernel';
import { Meta } from '@cairn/service';
import { Body, Controller, Header, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ViewListQuery } from '../../feature-view/views/view-list/view-list.query.js';
import { windowFeatures } from '../../feature-view/window.js';
import type { AskedBy } from '../answer/asked-features.js';
import { OnlineAnswers } from '../answer/online-answer.js';
import { MaterialiseView } from '../build/materialise-view.js';
import { encodeAnswer } from './encode-answer.js';
import { FeastMaterialiseDto } from './feast-materialise.dto.js';
import { GetOnlineFeaturesDto } from './get-online-features.dto.js';

const JSON_TYPE = 'application/json; charset=utf-8';
/** Views of a workspace that are materialised when none is named. */
const MAX_VIEWS = 100;

/** The part of Feast's HTTP API (`sdk/python/feast/feature_server.py`) that is about online values, under its own paths. */
@ApiTags('online features')
@Controller()
export class FeastController {
  constructor(
    @Inject(OnlineAnswers) private readonly answers: OnlineAnswers,
    @Inject(MaterialiseView) private readonly materialising: MaterialiseView,
    @Inject(ViewListQuery) private readonly views: ViewListQuery,
  ) {}

  @Post('get-online-features')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  async getOnlineFeatures(@Body() body: GetOnlineFeaturesDto, @Meta() { workspace, now }: CommandMeta): Promise<string> {
    const { entities, full_feature_names: fullNames } = body;
    return encodeAnswer(await this.answers.answer({ workspace, asked: askedBy(body), entities, fullNames, now }));
  }

  /** One view after the other; answers when all are online. Run again it ends what was cut short. */
  @Post('materialize')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  async materialise(@Body() body: FeastMaterialiseDto, @Meta() meta: CommandMeta): Promise<string> {
    for (const name of body.feature_views ?? (await this.allWithWindows(meta.workspace))) {
      await this.materialising.materialise(name, { version: body.version, until: body.end_ts }, meta);
    }
    return 'null';
  }

  private async allWithWindows(workspace: string): Promise<readonly string[]> {
    const views = await this.views.list(workspace, MAX_VIEWS);
    if (views.length > MAX_VIEWS) throw new DomainError('TOO_MANY_VIEWS', `There are more than ${MAX_VIEWS} feature views: name those to materialise.`, 'invalid');
    return views.filter((view) => windowFeatures(view).length > 0).map(({ name }) => name);
  }
}

function askedBy({ features, feature_service: service, feature_service_version: version }: GetOnlineFeaturesDto): AskedBy {
  if ((features === undefined) === (service === undefined)) throw new DomainError('INVALID_FEATURE', 'Name either features or a feature_service.', 'invalid');
  return service === undefined ? { features: features ?? [] } : { service, version };
}
