import { expect, it } from 'vitest';

import * as testing from './index.js';

it('exports this and nothing else at run time', () => {
  expect(Object.keys(testing).sort()).toEqual([
    'Deliveries', 'createDatabase', 'debianPackage', 'deciderSpec', 'startTestNats', 'startTestService', 'tempDir', 'testMeta', 'waitUntil',
  ]);
});
