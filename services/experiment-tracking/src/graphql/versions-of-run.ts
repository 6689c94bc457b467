import { callerHeaders, LOGGER, SERVICE_CONFIG, type FastifyRequest, type Logger, type ServiceConfig } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';

const TIMEOUT_MS = 3_000;

/** Which model versions came of a run: the registry knows, and is asked as whoever asks us. */
@Injectable()
export class VersionsOfRun {
  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Nothing while the registry does not answer: the rest of a page is there without it. */
  async find(runId: string, request: FastifyRequest): Promise<readonly unknown[]> {
    const query = new URLSearchParams({ filter: `run_id = '${runId}'`, max_results: '100' });
    try {
      const url = `${this.config.gatewayUrl}/api/2.0/mlflow/model-versions/search?${query}`;
      const response = await fetch(url, { headers: callerHeaders(request), signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!response.ok) throw new TypeError(`The registry answered ${response.status}.`);
      const body: unknown = await response.json();
      const versions = typeof body === 'object' && body !== null && 'model_versions' in body ? body.model_versions : [];
      return Array.isArray(versions) ? versions : [];
    } catch (error) {
      this.logger.warn({ err: error }, 'the versions of a run are not known');
      return [];
    }
  }
}
