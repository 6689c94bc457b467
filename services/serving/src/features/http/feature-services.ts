import { DomainError } from '@cairn/kernel';
import { callerHeaders, LOGGER, SERVICE_CONFIG, type FastifyRequest, type Logger, type ServiceConfig } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import type { FeatureLookUp } from '../../deployment/domain/feature-look-up.js';
import { isRecord } from '../../json-record.js';

const TIMEOUT_MS = 5_000;

/** Feature services, as the feature store defines them. */
@Injectable()
export class FeatureServices {
  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Asked as whoever asks us. Throws DomainError FEATURE_SERVICE_NOT_FOUND, or FEATURE_STORE_AWAY when it does not answer. */
  async find(name: string, version: number | undefined, request: FastifyRequest): Promise<FeatureLookUp> {
    const query = version === undefined ? '' : `?version=${version}`;
    const url = `${this.config.gatewayUrl}/features/v1/feature-services/${encodeURIComponent(name)}${query}`;
    const { status, body } = await this.ask(url, request);
    if (status === 404)
      throw new DomainError('FEATURE_SERVICE_NOT_FOUND', `No feature service is named ${name}${version === undefined ? '' : ` with version ${version}`}.`, 'missing');
    const lookUp = status === 200 ? lookUpOf(body) : undefined;
    if (lookUp !== undefined) return lookUp;
    this.logger.warn({ status }, 'the feature store does not say what a feature service is');
    throw away();
  }

  private async ask(url: string, request: FastifyRequest): Promise<{ readonly status: number; readonly body: unknown }> {
    try {
      const response = await fetch(url, { headers: callerHeaders(request), signal: AbortSignal.timeout(TIMEOUT_MS) });
      const body: unknown = await response.json();
      return { status: response.status, body };
    } catch (error) {
      throw away(error);
    }
  }
}

/** Row features are not looked up: they come with the request. Undefined for what is no feature service. */
function lookUpOf(body: unknown): FeatureLookUp | undefined {
  if (!isRecord(body)) return undefined;
  const { service_id: serviceId, name: serviceName, version: serviceVersion, features } = body;
  if (typeof serviceId !== 'string' || typeof serviceName !== 'string' || typeof serviceVersion !== 'number' || !Array.isArray(features)) return undefined;
  const looked = features.filter(isRecord).filter(({ kind }) => kind === 'window');
  return {
    serviceId, serviceName, serviceVersion,
    features: looked.map(({ column, join_columns: entities }) => ({
      column: String(column),
      entities: Array.isArray(entities) ? entities.map(String) : [],
      defaultValue: undefined,
    })),
  };
}

function away(cause?: unknown): DomainError {
  return new DomainError('FEATURE_STORE_AWAY', 'The feature store, which knows feature services, does not answer. Try again in a moment.', 'busy', { cause });
}
