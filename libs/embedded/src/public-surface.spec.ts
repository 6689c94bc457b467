import { expect, it } from 'vitest';

import * as embedded from './index.js';

it('exports this and nothing else at run time', () => {
  expect(Object.keys(embedded).sort()).toEqual([
      'EmbeddedError', 'freePort', 'isAlive', 'isPortFree', 'processIdentity', 'removeNats', 'removePostgres', 'runApt', 'startNats', 'startPostgres',
    ]);
});
