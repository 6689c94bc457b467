import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { ConfigureFeatureLookUp } from './commands.js';
import { deployment } from './decider.js';
import type { FeatureLookUp } from './feature-look-up.js';
import type { DeploymentEvent } from './state.js';

const { given } = deciderSpec(deployment);
const meta = testMeta();
const deploymentId = 'd1';
const created: DeploymentEvent = {
  type: 'cairn.serving.v1.DeploymentCreated',
  data: { deploymentId, name: 'delays', modelName: 'flight-delay', fallbackValue: 0.2, replicas: 2 },
};

describe('feature look-up', () => {
  const features = [
    { column: 'origin_share', entities: ['origin'], defaultValue: undefined },
    { column: 'destination_share', entities: ['destination'], defaultValue: undefined },
  ];
  const lookUp: FeatureLookUp = { serviceId: 's1', serviceName: 'delay', serviceVersion: 2, features };
  const configure = (data: Partial<ConfigureFeatureLookUp['data']> = {}): ConfigureFeatureLookUp => ({
    type: 'ConfigureFeatureLookUp', data: { deploymentId, lookUp, defaults: [], ...data }, meta,
  });
  const service = { featureServiceId: 's1', featureServiceName: 'delay', featureServiceVersion: 2 };
  const configured: DeploymentEvent = { type: 'cairn.serving.v1.FeatureLookUpConfigured', data: { deploymentId, ...service, features } };
  const none = { featureServiceId: '', featureServiceName: '', featureServiceVersion: 0, features: [] };
  const ended: DeploymentEvent = { type: 'cairn.serving.v1.FeatureLookUpConfigured', data: { deploymentId, ...none } };

  it('is set once, with the defaults of its columns, and ended once', () => {
    given([]).when(configure()).thenRefused('DEPLOYMENT_NOT_FOUND');
    given([created]).when(configure()).then([configured]);
    given([created, configured]).when(configure()).thenNothing();
    const defaults = [{ column: 'origin_share', value: 0.2 }];
    const withDefault = { deploymentId, ...service, features: [{ ...features[0]!, defaultValue: 0.2 }, features[1]!] };
    given([created, configured]).when(configure({ defaults })).then([{ type: 'cairn.serving.v1.FeatureLookUpConfigured', data: withDefault }]);
    given([created, configured]).when(configure({ lookUp: undefined })).then([ended]);
    given([created, configured, ended]).when(configure({ lookUp: undefined })).thenNothing();
  });

  it('refuses what could never be looked up', () => {
    const refused = (data: Partial<ConfigureFeatureLookUp['data']>, why: RegExp) => given([created]).when(configure(data)).thenRefused('INVALID_FEATURE_LOOK_UP', why);
    refused({ lookUp: { ...lookUp, features: [] } }, /nothing to look up/);
    refused({ lookUp: { ...lookUp, features: [{ ...features[0]!, entities: [] }] } }, /no entity/);
    refused({ defaults: [{ column: 'other', value: 1 }] }, /not looked up/);
    refused({ defaults: [{ column: 'origin_share', value: 1 }, { column: 'origin_share', value: 2 }] }, /two defaults/);
    refused({ defaults: [{ column: 'origin_share', value: Infinity }] }, /finite/);
  });
});
