import type { EdgeConfig } from '@cairn/service';
import type { Registry } from 'prom-client';
import type { ServingSettings } from '../config.js';
import { HttpOnlineFeatures } from './http-online-features.js';
import { MeasuredLookUps } from './measured-look-ups.js';
import type { OnlineFeatures } from './online-features.js';
import { SharedLookUps } from './shared-look-ups.js';

type Where = Pick<EdgeConfig, 'gatewayUrl' | 'serviceToken'>;

/** The feature store behind the gateway, as every process that answers requests asks it. */
export function openOnlineFeatures({ gatewayUrl, serviceToken }: Where, { featureTimeoutMs }: Pick<ServingSettings, 'featureTimeoutMs'>, registry: Registry): OnlineFeatures {
  return new MeasuredLookUps(new SharedLookUps(new HttpOnlineFeatures({ gatewayUrl, serviceToken, timeoutMs: featureTimeoutMs })), registry);
}
