import { expect, it } from 'vitest';
import * as objectStore from './index.js';

it('exports this and nothing else at run time', () => {
  expect(Object.keys(objectStore).sort()).toEqual(['ObjectStoreError', 'digestOf', 'isDigest', 'openObjectStore']);
});
