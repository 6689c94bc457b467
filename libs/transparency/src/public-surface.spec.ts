import { expect, it } from 'vitest';
import * as transparency from './index.js';

it('exports this and nothing else at run time', () => {
  expect(Object.keys(transparency).sort()).toEqual([
    'HASH_BYTES', 'MAX_ENTRY_BYTES', 'MerkleTree', 'TILE_WIDTH', 'TileWriter', 'TransparencyError', 'addSignatures', 'checkPolicy',
    'compareCheckpoints', 'consistencyProofFrom', 'cosignature', 'cosignatureAt', 'cosignatureTime', 'decodeEntries', 'ed25519', 'emptyRoot',
    'encodeEntries', 'entriesPath', 'firstDifferingLeaf', 'formatCheckpoint', 'formatReceipt', 'formatSignatures', 'formatWitnessRequest',
    'generateKey', 'hashAt', 'hashLeaf', 'hashNode', 'inclusionProofFrom', 'isQuorum', 'openCheckpoint', 'openNote', 'parseCheckpoint', 'parseNote',
    'parsePolicy', 'parseReceipt', 'parseSigner', 'parseTilePath', 'parseVerifier', 'parseWitnessRequest', 'rightmostTiles', 'rootFrom', 'sameHash',
    'signCheckpoint', 'signNote', 'tilePath', 'tileWidth', 'tilesByPath', 'verifyConsistency', 'verifyCopy', 'verifyInclusion', 'verifyLog',
    'verifyReceipt',
  ]);
});
