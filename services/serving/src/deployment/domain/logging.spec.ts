import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import { deployment } from './decider.js';
import type { DeploymentEvent } from './state.js';

const { given } = deciderSpec(deployment);
const meta = testMeta();
const deploymentId = 'd1';

describe('logging', () => {
  const created: DeploymentEvent = {
    type: 'cairn.serving.v1.DeploymentCreated', data: { deploymentId, name: 'delays', modelName: 'flight-delay', fallbackValue: 0.5, replicas: 2 },
  };
  const logging = { deploymentId, sampleRate: 0.1, redactedColumns: ['age', 'income'], retentionDays: 90 };
  const configured: DeploymentEvent = { type: 'cairn.serving.v1.LoggingConfigured', data: logging };
  const configure = (more: object = {}) => ({ type: 'ConfigureLogging', data: { ...logging, ...more }, meta }) as const;

  it('is set, and once when it is the same', () => {
    given([created]).when(configure()).then([configured]);
    given([created, configured]).when(configure()).thenNothing();
    given([created]).when(configure({ sampleRate: 1, redactedColumns: [], retentionDays: 0 })).thenNothing();
    given([]).when(configure()).thenRefused('DEPLOYMENT_NOT_FOUND');
  });

  it('refuses what makes no sense', () => {
    const refused = (more: object, why: RegExp) => given([created]).when(configure(more)).thenRefused('INVALID_LOGGING', why);
    refused({ sampleRate: 1.5 }, /sample_rate must lie between 0 and 1/);
    refused({ sampleRate: Number.NaN }, /sample_rate/);
    refused({ retentionDays: -1 }, /retention_days must lie between/);
    refused({ retentionDays: 0.5 }, /retention_days/);
    refused({ redactedColumns: ['a', 'a'] }, /names a column twice/);
    refused({ redactedColumns: [''] }, /1 to 500 characters/);
    refused({ redactedColumns: Array.from({ length: 1_001 }, (_, index) => `c${index}`) }, /may hold 1000 names/);
  });
});
