import { Inject, Injectable } from '@nestjs/common';
import type { Deployment } from '../deployment/domain/state.js';
import { entitiesOf, type FeatureLookUp, type LookedUpFeature } from '../deployment/domain/feature-look-up.js';
import type { Signature } from '../deployment/views/servable-version/signature.js';
import type { InferRequest, Parameters } from '../v2/infer-request.js';
import { V2Error } from '../v2/v2-error.js';
import { entityKeysOf, type EntityKeys } from './entity-keys.js';
import type { LookedUp } from './fill-request.js';
import { ONLINE_FEATURES, OnlineFeaturesError, type OnlineColumn, type OnlineFeatures, type OnlineQuestion } from './online-features.js';
import { keyBytesOf, MAX_CALL_KEY_BYTES, maxRowsOf } from './shared-look-ups.js';

/** What a request was filled with, and what the caller and the log learn of it. */
export interface RequestFeatures extends LookedUp {
  /** Parameters of the answer. */
  readonly parameters: Parameters;
  /** One text for the log: service, version and the oldest moment of a value. */
  readonly versions: string;
}

const MAX_SHOWN = 100;

/** Looks up the features of requests that name entities and no values. */
@Injectable()
export class FeatureLookUps {
  constructor(@Inject(ONLINE_FEATURES) private readonly online: OnlineFeatures) {}

  /**
   * Undefined for a request that brings all inputs of the model itself, or names no entity. Throws V2Error: 400 for keys that are wrong or not known, 503 when the
   * feature store does not answer, or has nothing that is new enough.
   */
  async find(workspace: string, deployment: Deployment, request: InferRequest, signature: Signature | undefined): Promise<RequestFeatures | undefined> {
    const { name, featureLookUp: lookUp, batching } = deployment;
    if (lookUp === undefined || signature === undefined) return undefined;
    const given = new Set(request.inputs.map((input) => input.name));
    const entities = entitiesOf(lookUp);
    if (signature.inputs.every((input) => given.has(input.name)) || !entities.some((entity) => given.has(entity))) return undefined;
    if (request.parameters['event_time'] !== undefined)
      throw new V2Error(400, "parameter 'event_time' stands for another moment, and features are looked up as they are now: send the values that were known then");
    const keys = entityKeysOf(request, entities, name);
    const { serviceName: service, serviceVersion: version, features } = lookUp;
    const question: OnlineQuestion = { workspace, service, version, columns: features.map(({ column }) => column), entities: keys.keys, rows: keys.rows };
    checkSize(question, name, batching.maxRows);
    return lookedUp(lookUp, keys, await this.ask(question));
  }

  private async ask(question: OnlineQuestion): Promise<ReadonlyMap<string, OnlineColumn>> {
    try {
      return await this.online.lookUp(question);
    } catch (error) {
      if (error instanceof OnlineFeaturesError) throw new V2Error(503, `features can’t be looked up: ${error.message}`, { cause: error });
      throw error;
    }
  }
}

function checkSize(question: OnlineQuestion, model: string, maxRows: number): void {
  const most = Math.min(maxRows, maxRowsOf(question));
  if (question.rows > most) throw new V2Error(400, `inference request batch-size must be <= ${most} for '${model}' where features are looked up`);
  if (keyBytesOf(question) > MAX_CALL_KEY_BYTES) throw new V2Error(400, `the keys of a request may have ${MAX_CALL_KEY_BYTES} bytes for '${model}'`);
}

function lookedUp(lookUp: FeatureLookUp, keys: EntityKeys, answered: ReadonlyMap<string, OnlineColumn>): RequestFeatures {
  const { serviceName, serviceVersion, features } = lookUp;
  let oldest = '';
  const columns = features.map((feature): [string, readonly number[]] => {
    const { values = [], statuses = [], times = [] } = answered.get(feature.column) ?? {};
    const filled = values.map((value, row) => {
      if (value === null || statuses[row] !== 'PRESENT') return otherwise(feature, lookUp, keys, row, statuses[row]);
      // Times of one form, so that their order as texts is their order in time.
      const time = new Date(times[row] ?? '').toISOString();
      if (oldest === '' || time < oldest) oldest = time;
      return value;
    });
    return [feature.column, filled];
  });
  return {
    rows: keys.rows,
    entities: [...keys.keys.keys()],
    columns: new Map(columns),
    parameters: { feature_service: serviceName, feature_service_version: serviceVersion, ...(oldest !== '' && { feature_time: oldest }) },
    versions: `${serviceName}@v${serviceVersion}${oldest === '' ? '' : ` ${oldest}`}`,
  };
}

/** For a value that is not there: the deployment's default where the entity is not known, and nothing else. */
function otherwise({ column, entities, defaultValue }: LookedUpFeature, { serviceName, serviceVersion }: FeatureLookUp, { keys }: EntityKeys, row: number, status = ''): number {
  const service = `feature service ${serviceName} version ${serviceVersion}`;
  if (status !== 'NOT_FOUND') {
    throw new V2Error(503, `features can’t be looked up: column '${column}' of ${service} is ${status === 'OUTSIDE_MAX_AGE' ? 'older than its view allows' : 'not there'}`);
  }
  if (defaultValue !== undefined) return defaultValue;
  const named = entities.map((entity) => `${entity} '${(keys.get(entity)?.[row] ?? '').slice(0, MAX_SHOWN)}'`).join(', ');
  throw new V2Error(400, `row ${row} names an entity that is not known online: ${named} has no '${column}' of ${service}, and the deployment has no default for it`);
}
