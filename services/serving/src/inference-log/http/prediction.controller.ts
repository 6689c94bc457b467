import { DomainError, type CommandMeta } from '@cairn/kernel';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { eventTime, Meta, newIdFor, OBJECT_STORE, sendObject, type FastifyReply } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Fleet } from '../../fleet/fleet.js';
import { predictionIdProblem } from '../domain/prediction-id.js';
import { JoinedTables } from '../joined/joined-table.js';
import { LabelHistory } from '../joined/label-history.js';
import { PredictionFinder } from '../joined/prediction-finder.js';
import { LabelRecorder } from '../labels/label-recorder.js';
import type { LogOwner } from '../recorder/inference-recorder.js';
import { LogContentsQuery } from '../views/log-contents/log-contents.query.js';
import {
  convertFigures, convertJoined, convertLabelRecord, convertPrediction, type FiguresResponse, type JoinedResponse, type LabelRecordResponse, type PredictionResponse,
} from './convert-prediction.js';
import { JoinDto, LabelDto } from './join.dto.js';

/** Batches that are read to see whether a label is news. With more of them it is recorded again, which changes no join. */
const MAX_CHECKED = 200;

/** Single predictions, and what turned out to be true of them. */
@ApiTags('inference log')
@Controller('serving/v1/deployments/:name')
export class PredictionController {
  constructor(
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(Fleet) private readonly fleet: Fleet,
    @Inject(PredictionFinder) private readonly predictions: PredictionFinder,
    @Inject(LabelHistory) private readonly history: LabelHistory,
    @Inject(LabelRecorder) private readonly labels: LabelRecorder,
    @Inject(LogContentsQuery) private readonly contents: LogContentsQuery,
    @Inject(JoinedTables) private readonly tables: JoinedTables,
  ) {}

  /** Leads back to the segment, its digest, and the position of the event that vouches for it. */
  @Get('predictions/:prediction_id')
  async find(@Param('name') name: string, @Param('prediction_id') predictionId: string, @Meta() meta: CommandMeta): Promise<PredictionResponse> {
    const { deploymentId } = this.owner(name, meta);
    checkPredictionId(predictionId, meta);
    const found = await this.predictions.find(deploymentId, predictionId);
    return convertPrediction(found, (await this.history.of(deploymentId, predictionId)) ?? []);
  }

  /** What turned out to be true of one prediction, whether its segment is sealed or not. The label that it has already is not recorded again. */
  @Put('predictions/:prediction_id/label')
  async label(@Param('name') name: string, @Param('prediction_id') predictionId: string, @Body() body: LabelDto, @Meta() meta: CommandMeta): Promise<LabelRecordResponse> {
    const owner = this.owner(name, meta);
    checkPredictionId(predictionId, meta);
    const knownMs = Date.parse(eventTime(body.known_time ?? meta.now));
    const now = (await this.history.of(owner.deploymentId, predictionId, MAX_CHECKED))?.at(-1);
    const isSaid = now?.label === body.label && (body.known_time === undefined || Date.parse(now.knownTime) === knownMs);
    if (now !== undefined && isSaid) return convertLabelRecord(predictionId, now);
    const batchId = newIdFor(meta, 'label-batch');
    const rows = { predictionIds: [predictionId], labels: new Float64Array([body.label]), knownTimesMs: new Float64Array([knownMs]) };
    const { digest } = await this.labels.record(owner, batchId, rows, meta);
    const batch = await this.contents.batch(owner.deploymentId, batchId, digest);
    return convertLabelRecord(predictionId, { label: body.label, knownTime: new Date(knownMs).toISOString(), ...batch });
  }

  /** How many labels found their predictions, and how long they took. */
  @Get('labels/figures')
  async figures(@Param('name') name: string, @Meta() meta: CommandMeta): Promise<FiguresResponse> {
    return convertFigures(await this.tables.figures(this.owner(name, meta).deploymentId));
  }

  /** A file with the predictions of a time and their labels, as the log knew them at a position. */
  @Post('joined')
  @HttpCode(200)
  async joined(@Param('name') name: string, @Body() body: JoinDto, @Meta() meta: CommandMeta): Promise<JoinedResponse> {
    const { deploymentId } = this.owner(name, meta);
    const [from, to] = [eventTime(body.from), eventTime(body.to)];
    if (from >= to) throw new DomainError('INVALID_RANGE', 'from must be before to.', 'invalid');
    return convertJoined(await this.tables.join(deploymentId, { from, to, ...(body.as_of_position !== undefined && { asOfPosition: BigInt(body.as_of_position) }) }));
  }

  @Get('joined/:digest/data')
  async joinedData(@Param('name') name: string, @Param('digest') digest: string, @Meta() meta: CommandMeta, @Res() reply: FastifyReply): Promise<void> {
    const sizeBytes = this.tables.sizeOf(this.owner(name, meta).deploymentId, digest);
    const headers = { 'content-type': 'application/vnd.apache.parquet', 'content-disposition': 'attachment', 'x-content-type-options': 'nosniff' };
    await sendObject(reply, this.objects, { digest: digest as Digest, sizeBytes, headers });
  }

  private owner(name: string, { workspace }: CommandMeta): LogOwner {
    const runtime = this.fleet.find(workspace, name);
    if (runtime === undefined) throw new DomainError('DEPLOYMENT_NOT_FOUND', `No deployment is named ${name}.`, 'missing');
    return runtime.logOwner;
  }
}

function checkPredictionId(predictionId: string, { now }: CommandMeta): void {
  const problem = predictionIdProblem(predictionId, Date.parse(now));
  if (problem !== undefined) throw new DomainError('IMPOSSIBLE_PREDICTION', `The prediction id ${problem}.`, 'unmet');
}
