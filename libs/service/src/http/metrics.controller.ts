import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Registry } from 'prom-client';
import { processRegistry } from '../observability/metrics.js';
import { METRICS } from '../wiring/injection-tokens.js';

@Controller('metrics')
@ApiExcludeController()
export class MetricsController {
  constructor(@Inject(METRICS) private readonly registry: Registry) {}

  @Get()
  @Header('content-type', Registry.PROMETHEUS_CONTENT_TYPE)
  async metrics(): Promise<string> {
    return Registry.merge([processRegistry(), this.registry]).metrics();
  }
}
