import type { CommandMeta } from '@cairn/kernel';
import { MlflowError, MlflowFilter, mlflowRoutesV3 } from '@cairn/mlflow';
import { Meta } from '@cairn/service';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { convertAssessment, convertAssessmentChange, convertAssessmentRow } from './convert-assessment.js';
import { isRecord, missing, objectIn } from './trace-fields.js';
import { validTraceId } from './trace-id.js';
import { TracesHandler } from './traces.handler.js';

/** MLflow REST: feedback and expectations. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutesV3('mlflow/traces/:traceId/assessments'))
export class AssessmentsController {
  constructor(@Inject(TracesHandler) private readonly handler: TracesHandler) {}

  @Post()
  @HttpCode(200)
  async create(@Param('traceId') wireId: string, @Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const traceId = validTraceId(wireId);
    if (!isRecord(body) || !isRecord(body['assessment'])) throw missing('assessment');
    const assessment = convertAssessment(objectIn(body, 'assessment'), { traceId, now: meta.now, seed: meta.commandId });
    await this.handler.handle(traceId, { type: 'LogAssessment', data: { assessment }, meta });
    return this.shown(traceId, assessment.assessmentId, meta);
  }

  @Get(':assessmentId')
  async get(@Param('traceId') wireId: string, @Param('assessmentId') assessmentId: string, @Meta() meta: CommandMeta): Promise<object> {
    return this.shown(validTraceId(wireId), assessmentId, meta);
  }

  @Patch(':assessmentId')
  async change(@Param('traceId') wireId: string, @Param('assessmentId') assessmentId: string, @Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const traceId = validTraceId(wireId);
    await this.handler.handle(traceId, { type: 'ChangeAssessment', data: convertAssessmentChange(body, assessmentId), meta });
    return this.shown(traceId, assessmentId, meta);
  }

  @Delete(':assessmentId')
  async remove(@Param('traceId') wireId: string, @Param('assessmentId') assessmentId: string, @Meta() meta: CommandMeta): Promise<object> {
    await this.handler.handle(validTraceId(wireId), { type: 'RemoveAssessment', data: { assessmentId }, meta });
    return {};
  }

  private async shown(traceId: string, assessmentId: string, { workspace }: CommandMeta): Promise<object> {
    const { assessments } = await this.handler.require(workspace, traceId);
    const row = assessments.find((assessment) => assessment.assessmentId === assessmentId);
    if (row === undefined) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Assessment with ID '${assessmentId.slice(0, 100)}' not found for trace '${traceId}'`);
    return { assessment: convertAssessmentRow(row) };
  }
}
