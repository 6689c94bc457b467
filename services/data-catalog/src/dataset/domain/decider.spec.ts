import { deciderSpec } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { DatasetCommand } from './commands.js';
import { dataset } from './decider.js';
import type { DatasetEvent } from './state.js';

const meta = { commandId: 'c', now: '2001-04-01T00:00:00Z', actor: { principal: 'local' }, workspace: 'default', correlationId: 'x' };
const data = { datasetId: 'd', name: 'flights', description: '', owner: 'ana', tags: [] };
const register: DatasetCommand = { type: 'RegisterDataset', data, meta };
const registered: DatasetEvent = { type: 'cairn.catalog.v1.DatasetRegistered', data };
const add = (versionId: string): DatasetCommand => ({ type: 'AddVersion', data: { datasetId: 'd', versionId }, meta });
const added = (versionId: string, version: number): DatasetEvent => ({ type: 'cairn.catalog.v1.DatasetVersionAdded', data: { datasetId: 'd', versionId, version } });

describe('dataset', () => {
  const { given } = deciderSpec(dataset);

  it('is registered once', () => {
    given([]).when(register).then([registered]);
    given([registered]).when(register).thenRefused('DATASET_EXISTS');
  });

  it('numbers its versions without a gap, and each one once', () => {
    given([]).when(add('a')).thenRefused('DATASET_NOT_FOUND');
    given([registered]).when(add('a')).then([added('a', 1)]);
    given([registered, added('a', 1)]).when(add('b')).then([added('b', 2)]);
    given([registered, added('a', 1)]).when(add('a')).thenNothing();
  });
});
