import { SERVICE_SETTINGS } from '@cairn/service';
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { GatewaySettings } from '../config.js';

interface ServiceStatus {
  readonly service: string;
  /** `ok`, `degraded` or `unavailable` as the service says of itself; `unreachable` when it says nothing. */
  readonly status: string;
}

const PROBE_TIMEOUT_MS = 2_000;

@ApiTags('gateway')
@Controller('gateway/v1/services')
export class ServicesController {
  constructor(@Inject(SERVICE_SETTINGS) private readonly settings: GatewaySettings) {}

  @Get()
  async list(): Promise<{ items: ServiceStatus[] }> {
    return { items: await Promise.all(Object.entries(this.settings.upstreams).map(([service, url]) => probe(service, url))) };
  }
}

async function probe(service: string, url: string): Promise<ServiceStatus> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    const body: unknown = await response.json();
    const status = typeof body === 'object' && body !== null && 'status' in body ? String(body.status) : 'unavailable';
    return { service, status };
  } catch {
    return { service, status: 'unreachable' };
  }
}
