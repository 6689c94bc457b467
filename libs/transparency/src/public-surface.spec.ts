import { expect, it } from 'vitest';
import * as transparency from './index.js';

it('exports this and nothing else at run time', () => {
  expect(Object.keys(transparency).sort()).toEqual([
    'HASH_BYTES', 'MAX_ENTRY_BYTES', 'MerkleTree', 'TILE_WIDTH', 'TileWriter', 'TransparencyError', 'compareCheckpoints', 'consistencyProofFrom',
    'decodeEntries', 'ed25519', 'emptyRoot', 'encodeEntries', 'entriesPath', 'firstDifferingLeaf', 'formatCheckpoint', 'generateKey',
    'hashAt', 'hashLeaf', 'hashNode', 'inclusionProofFrom',
    'openCheckpoint', 'openNote', 'parseCheckpoint', 'parseSigner', 'parseTilePath', 'parseVerifier', 'rightmostTiles', 'rootFrom', 'sameHash',
    'signCheckpoint', 'signNote', 'tilePath', 'tileWidth', 'tilesByPath', 'verifyConsistency', 'verifyCopy', 'verifyInclusion', 'verifyLog',
  ]);
});
