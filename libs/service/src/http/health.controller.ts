import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Readiness } from '../wiring/readiness.js';

/** Live: the process answers; a restart would help otherwise. Ready: requests would succeed; a restart would not help. */
@Controller('health')
@ApiExcludeController()
export class HealthController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  @Get('live')
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const report = await this.readiness.report();
    void reply.code(report.status === 'unavailable' ? 503 : 200);
    return report;
  }
}
