import type { EdgeConfig } from '@cairn/service';
import type { ServingSettings } from '../config.js';
import { HttpOnlineFeatures } from './http-online-features.js';
import type { OnlineFeatures } from './online-features.js';
import { SharedLookUps } from './shared-look-ups.js';

/** The feature store behind the gateway, as every process that answers requests asks it. */
export function openOnlineFeatures(config: Pick<EdgeConfig, 'gatewayUrl' | 'serviceToken'>, { featureTimeoutMs }: Pick<ServingSettings, 'featureTimeoutMs'>): OnlineFeatures {
  const { gatewayUrl, serviceToken } = config;
  return new SharedLookUps(new HttpOnlineFeatures({ gatewayUrl, serviceToken, timeoutMs: featureTimeoutMs }));
}
