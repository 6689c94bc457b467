import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import { DEFAULT_BATCHING } from './batching.js';
import type { ConfigureBatching } from './commands.js';
import { deployment } from './decider.js';
import type { DeploymentEvent } from './state.js';

const { given } = deciderSpec(deployment);
const meta = testMeta();
const deploymentId = 'd1';
const created: DeploymentEvent = {
  type: 'cairn.serving.v1.DeploymentCreated',
  data: { deploymentId, name: 'delays', modelName: 'flight-delay', fallbackValue: 0.2, replicas: 2 },
};

describe('batching', () => {
  const batching = { deploymentId, maxRows: 8, delayUs: 500, preferredRows: [2, 8], maxQueued: 16 };
  const configure = (data: Partial<ConfigureBatching['data']> = {}): ConfigureBatching => ({ type: 'ConfigureBatching', data: { ...batching, ...data }, meta });
  const configured: DeploymentEvent = { type: 'cairn.serving.v1.BatchingConfigured', data: batching };

  it('is set once, and only of what is deployed', () => {
    given([]).when(configure()).thenRefused('DEPLOYMENT_NOT_FOUND');
    given([created]).when(configure()).then([configured]);
    given([created, configured]).when(configure()).then([]);
    given([created]).when(configure(DEFAULT_BATCHING)).then([]);
  });

  it('stays within its limits', () => {
    for (const wrong of [{ maxRows: 0 }, { delayUs: -1 }, { maxQueued: 0 }, { preferredRows: [8, 2] }, { preferredRows: [16] }]) {
      given([created]).when(configure(wrong)).thenRefused('INVALID_BATCHING');
    }
  });
});
