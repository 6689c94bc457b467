import { DomainError, type CommandMeta } from '@cairn/kernel';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { keyOfToken, Meta, newIdFor, OBJECT_STORE, PageDto, pageOf } from '@cairn/service';
import type { CarriedColumn, UserExpression } from '@cairn/tabular';
import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query, StreamableFile, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ExpressionCheck } from '../../dataset/expression-check.js';
import { KnownVersionQuery } from '../../dataset/views/known-version/known-version.query.js';
import { ServiceListQuery, type FeatureService } from '../../feature-service/views/service-list/service-list.query.js';
import { JoinPlanner, type JoinPlan } from '../build/join-plan.js';
import { TrainingSetBuilder } from '../build/training-set-builder.js';
import { TrainingSetListQuery } from '../views/training-set-list/training-set-list.query.js';
import { convertTrainingSet } from './convert.js';
import { HistoricalDto } from './historical.dto.js';
import { LeakageFilter, LeakageFound } from './leakage-found.js';
import { PointInTimeDto, RequestTrainingSetDto } from './request-training-set.dto.js';

const PARQUET = 'application/vnd.apache.parquet';

@ApiTags('training sets')
@UseFilters(LeakageFilter)
@Controller('features/v1')
export class TrainingSetController {
  constructor(
    @Inject(TrainingSetBuilder) private readonly builder: TrainingSetBuilder,
    @Inject(JoinPlanner) private readonly planner: JoinPlanner,
    @Inject(ExpressionCheck) private readonly expressions: ExpressionCheck,
    @Inject(KnownVersionQuery) private readonly versions: KnownVersionQuery,
    @Inject(ServiceListQuery) private readonly services: ServiceListQuery,
    @Inject(TrainingSetListQuery) private readonly trainingSets: TrainingSetListQuery,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  /** Checks for leakage, then builds. Leakage is 422 with the evidence, and recorded. */
  @Post('training-sets')
  async request(@Body() body: RequestTrainingSetDto, @Meta() meta: CommandMeta) {
    const trainingSetId = newIdFor(meta, 'training-set');
    const { service, plan, version } = await this.planOf(body, meta, [{ column: 'label', expression: `CAST((${body.label}\n) AS INTEGER)`, required: true }]);
    const requested = {
      trainingSetId,
      name: body.name,
      featureServiceId: service.serviceId,
      featureServiceName: service.name,
      featureServiceVersion: service.version,
      features: service.features,
      datasetVersionId: version.versionId,
      datasetName: version.datasetName,
      datasetVersion: version.version,
      datasetDigest: version.digest,
      predictionTime: body.prediction_time,
      label: body.label,
      from: plan.rows.from ?? body.from,
      to: plan.rows.to ?? body.to,
      sampleEvery: body.sample_every,
      historyVersionIds: body.history_version_ids,
    };
    await this.builder.build(requested, plan, meta);
    const built = await this.find(trainingSetId, meta);
    if (built.state === 'leaking') throw new LeakageFound(built);
    return built;
  }

  @Get('training-sets')
  async list(@Query() { limit, page_token }: PageDto, @Meta() meta: CommandMeta) {
    return pageOf(await this.trainingSets.list(meta.workspace, limit, keyOfToken(page_token)), limit, convertTrainingSet, ({ position }) => position);
  }

  @Get('training-sets/:id')
  async find(@Param('id', ParseUUIDPipe) id: string, @Meta() meta: CommandMeta) {
    const row = await this.trainingSets.find(meta.workspace, id);
    if (row === null) throw new DomainError('TRAINING_SET_NOT_FOUND', 'No training set has this id.', 'missing');
    return convertTrainingSet(row);
  }

  @Get('training-sets/:id/data')
  async data(@Param('id', ParseUUIDPipe) id: string, @Meta() meta: CommandMeta): Promise<StreamableFile> {
    const { digest, state } = await this.find(id, meta);
    if (digest === null) throw new DomainError('NOT_BUILT', `The training set is ${state}; only a built one has data.`, 'unmet');
    return new StreamableFile(await this.objects.open(digest as Digest), { type: PARQUET });
  }

  /** Features as they were known at each moment of prediction, without learning from them: for replays and backtests. */
  @Post('historical')
  @HttpCode(200)
  async historical(@Body() body: HistoricalDto, @Meta() meta: CommandMeta) {
    const carry = body.carry.map(({ name, expression }): CarriedColumn => ({ column: name, expression }));
    const { plan } = await this.planOf(body, meta, carry);
    const { digest, sizeBytes, rowCount, columns } = await this.builder.historical(plan);
    return { digest, size_bytes: sizeBytes, row_count: rowCount, columns };
  }

  @Get('historical/:digest/data')
  async historicalData(@Param('digest') digest: string): Promise<StreamableFile> {
    if (!(await this.objects.has(digest as Digest))) throw new DomainError('OBJECT_NOT_FOUND', 'Nothing is stored under this digest.', 'missing');
    return new StreamableFile(await this.objects.open(digest as Digest), { type: PARQUET });
  }

  private async planOf(body: PointInTimeDto, { workspace }: CommandMeta, carry: readonly CarriedColumn[]) {
    if (Date.parse(body.from) >= Date.parse(body.to)) throw new DomainError('INVALID_RANGE', `from (${body.from}) must lie before to (${body.to}).`, 'invalid');
    await this.versions.caughtUp();
    const service: FeatureService | undefined = await this.services.find(workspace, body.feature_service, body.feature_service_version);
    if (service === undefined) throw new DomainError('FEATURE_SERVICE_NOT_FOUND', `No feature service is named ${body.feature_service}.`, 'missing');
    const version = await this.versions.certified(workspace, body.dataset_version_id);
    const history = await Promise.all(body.history_version_ids.map((id) => this.versions.certified(workspace, id)));
    const expressions: UserExpression[] = [{ sql: body.prediction_time, use: 'time' }, ...carry.map(({ expression }): UserExpression => ({ sql: expression, use: 'any' }))];
    await this.expressions.check(workspace, version.datasetName, expressions, service.features.flatMap(({ joinColumns }) => joinColumns));
    const plan: JoinPlan = await this.planner.plan({
      features: service.features, version, history, carry,
      predictionTime: body.prediction_time,
      from: new Date(body.from).toISOString(),
      to: new Date(body.to).toISOString(),
      sampleEvery: body.sample_every,
    });
    return { service, version, plan };
  }
}
