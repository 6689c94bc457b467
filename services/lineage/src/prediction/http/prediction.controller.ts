import type { CommandMeta } from '@cairn/kernel';
import { Meta } from '@cairn/service';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PredictionTraceQuery } from '../trace/prediction-trace.js';
import { convertTrace, type PredictionResponse } from './convert.js';

@ApiTags('predictions')
@Controller('lineage/v1/predictions')
export class PredictionController {
  constructor(@Inject(PredictionTraceQuery) private readonly traces: PredictionTraceQuery) {}

  /** From the prediction to the rows that its model was trained on. */
  @Get(':prediction_id')
  async trace(@Param('prediction_id') predictionId: string, @Meta() { workspace }: CommandMeta): Promise<PredictionResponse> {
    return convertTrace(predictionId, await this.traces.of(workspace, predictionId));
  }
}
