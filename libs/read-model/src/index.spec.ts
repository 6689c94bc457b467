import { expect, it } from 'vitest';
import * as readModel from './index.js';

it('has this public surface', () => {
  expect(Object.keys(readModel).sort()).toEqual([
    'BatchedLookUp', 'ProjectionRunner', 'RememberedLookUp', 'openReadModel', 'positionAt', 'positionFrom', 'readRows', 'rowsAsJson', 'toRecorded', 'upsertRows', 'writeRows',
  ]);
});
