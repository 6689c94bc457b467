import { expect, it } from 'vitest';
import * as service from './index.js';

it('has this public surface', () => {
  expect(Object.keys(service).sort()).toEqual([
    'CLOCK', 'ConfigError', 'EVENT_STORE', 'EnvReader', 'LOCAL_PRINCIPAL', 'LOGGER', 'METRICS', 'Meta', 'NATS_LINK', 'Nested', 'NestedEach',
    'OBJECT_STORE', 'PageDto', 'SERVICE_CONFIG', 'SERVICE_SETTINGS',
    'TABULAR', 'ValidationFailed', 'authenticate', 'callerHeaders',
    'createLogger', 'eventTime', 'exposureProblem', 'identityOf', 'isDeeper', 'isWorkspaceName', 'keyOfToken', 'metaOf', 'newIdFor', 'openPlainEdge', 'pageOf', 'parseTokens',
    'placements', 'problemOf', 'readEdgeConfig', 'readServiceConfig', 'runMain', 'runUntilStopped', 'sendObject', 'startService',
    'statusOfKind', 'workspaceOf',
  ]);
});
