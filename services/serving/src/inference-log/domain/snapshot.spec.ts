import type { JsonValue } from '@cairn/kernel';
import { expect, it } from 'vitest';
import { snapshot } from './snapshot.js';
import type { InferenceLogState } from './state.js';

const open: InferenceLogState = { status: 'open', deploymentId: 'd', lastSegmentId: 's', lastBatchId: '', lastLabelsDigest: 'sha256:aa', lastLossId: 'l', lastExpiryId: 'e' };

it.each<[InferenceLogState, JsonValue]>([
  [{ status: 'empty' }, { status: 'empty' }],
  // Whoever has to change this raises the version.
  [open, { status: 'open', deploymentId: 'd', lastSegmentId: 's', lastBatchId: '', lastLabelsDigest: 'sha256:aa', lastLossId: 'l', lastExpiryId: 'e' }],
])('is written as version 3 says, and read again', (state, json) => {
  expect([snapshot.version, snapshot.toJson(state)]).toEqual([3, json]);
  expect(snapshot.fromJson(JSON.parse(JSON.stringify(json)) as JsonValue)).toEqual(state);
});
