import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { Materialisation, OnlineViewCommand } from './commands.js';
import { onlineView } from './decider.js';
import type { OnlineViewEvent } from './state.js';

const data: Materialisation = {
  materialisationId: 'm',
  viewId: 'v',
  viewName: 'arrivals',
  viewVersion: 1,
  until: '2001-01-05T00:00:00.000Z',
  digest: 'sha256:a',
  sizeBytes: 1_000n,
  rowCount: 600n,
  entityCount: 3n,
  datasetVersionIds: ['d1'],
  entityColumns: ['destination'],
  features: ['late_share_3h'],
};
const record = (changes: Partial<Materialisation> = {}): OnlineViewCommand => ({ type: 'RecordMaterialisation', data: { ...data, ...changes }, meta: testMeta() });
const materialised = (changes: Partial<Materialisation> = {}): OnlineViewEvent => ({ type: 'cairn.features.v1.FeaturesMaterialised', data: { ...data, ...changes } });

describe('online view', () => {
  const { given } = deciderSpec(onlineView);

  it('takes the first values, later ones, and those that came late for the same moment', () => {
    given([]).when(record()).then([materialised()]);
    const later = { until: '2001-01-06T00:00:00.000Z', digest: 'sha256:b' };
    given([materialised()]).when(record(later)).then([materialised(later)]);
    const late = { digest: 'sha256:c', datasetVersionIds: ['d1', 'd2'] };
    given([materialised()]).when(record(late)).then([materialised(late)]);
  });

  it('takes the same values of the same moment as what is there', () => {
    given([materialised()]).when(record({ materialisationId: 'n' })).thenNothing();
  });

  it('never goes back to an older moment', () => {
    given([materialised()]).when(record({ until: '2001-01-04T00:00:00.000Z' })).thenRefused('OLDER_MOMENT', /2001-01-05/);
  });

  it('puts nothing in the place of something', () => {
    given([materialised()]).when(record({ entityCount: 0n })).thenRefused('NO_ENTITIES');
  });
});
