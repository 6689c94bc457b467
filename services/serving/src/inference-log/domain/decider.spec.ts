import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import { inferenceLog } from './decider.js';
import type { InferenceLogEvent } from './state.js';

const { given } = deciderSpec(inferenceLog);
const meta = testMeta();

const segment = {
  deploymentId: 'd1',
  deploymentName: 'delays',
  segmentId: 's1',
  digest: 'sha256:aa',
  sizeBytes: 900,
  rowCount: 3,
  firstInferenceId: 'i1',
  lastInferenceId: 'i2',
  firstTime: '2001-04-01T00:00:00.000Z',
  lastTime: '2001-04-01T23:59:00.000Z',
  versionIds: ['v1'],
};
const sealed = { type: 'cairn.serving.v1.InferenceSegmentSealed', data: { ...segment, sizeBytes: 900n, rowCount: 3n } } as const satisfies InferenceLogEvent;
const batch = { deploymentId: 'd1', deploymentName: 'delays', batchId: 'b1', digest: 'sha256:bb', rowCount: 2, firstInferenceId: 'i1', lastInferenceId: 'i2' };
const recorded = { type: 'cairn.serving.v1.LabelsRecorded', data: { ...batch, rowCount: 2n } } as const satisfies InferenceLogEvent;

const loss = {
  deploymentId: 'd1', deploymentName: 'delays', lossId: 'l1', segmentId: 's1', rows: 4, isExact: true, reason: 'torn', firstTime: '', lastTime: '2001-04-01T00:00:00.000Z',
} as const;
const lost = { type: 'cairn.serving.v1.PredictionsLost', data: { ...loss, rows: 4n } } as const satisfies InferenceLogEvent;

const expiry = { deploymentId: 'd1', deploymentName: 'delays', expiryId: 'e1', segmentIds: ['s1', 's2'], retentionDays: 90 };
const expired = { type: 'cairn.serving.v1.SegmentsExpired', data: expiry } as const satisfies InferenceLogEvent;

describe('inference log', () => {
  it('seals a segment once', () => {
    given([]).when({ type: 'SealSegment', data: segment, meta }).then([sealed]);
    given([sealed]).when({ type: 'SealSegment', data: segment, meta }).thenNothing();
    given([sealed]).when({ type: 'SealSegment', data: { ...segment, segmentId: 's2' }, meta }).then([{ ...sealed, data: { ...sealed.data, segmentId: 's2' } }]);
  });

  it('records labels once', () => {
    given([sealed]).when({ type: 'RecordLabels', data: batch, meta }).then([recorded]);
    given([sealed, recorded]).when({ type: 'RecordLabels', data: batch, meta }).thenNothing();
    given([recorded]).when({ type: 'RecordLabels', data: { ...batch, batchId: 'b2' }, meta }).thenNothing();
    const other = { ...recorded, data: { ...recorded.data, batchId: 'b2', digest: 'sha256:cc' } };
    given([recorded, other]).when({ type: 'RecordLabels', data: { ...batch, batchId: 'b3' }, meta }).then([{ ...recorded, data: { ...recorded.data, batchId: 'b3' } }]);
  });

  it('records a loss once, also one of which nobody knows how large it is', () => {
    given([]).when({ type: 'RecordLoss', data: loss, meta }).then([lost]);
    given([lost]).when({ type: 'RecordLoss', data: loss, meta }).thenNothing();
    const unknown = { ...loss, rows: 0, isExact: false };
    given([lost]).when({ type: 'RecordLoss', data: { ...unknown, lossId: 'l2' }, meta }).then([{ ...lost, data: { ...lost.data, ...unknown, lossId: 'l2', rows: 0n } }]);
    given([]).when({ type: 'RecordLoss', data: { ...loss, rows: 0 }, meta }).thenRefused('INVALID_LOSS');
  });

  it('lets segments expire once', () => {
    given([sealed]).when({ type: 'ExpireSegments', data: expiry, meta }).then([expired]);
    given([sealed, expired]).when({ type: 'ExpireSegments', data: expiry, meta }).thenNothing();
    given([sealed]).when({ type: 'ExpireSegments', data: { ...expiry, segmentIds: [] }, meta }).thenRefused('NOTHING_EXPIRED');
  });

  it('takes no empty file', () => {
    given([]).when({ type: 'SealSegment', data: { ...segment, rowCount: 0 }, meta }).thenRefused('EMPTY_SEGMENT');
    given([]).when({ type: 'RecordLabels', data: { ...batch, rowCount: 0 }, meta }).thenRefused('EMPTY_LABELS');
  });

  it('belongs to one deployment', () => {
    given([sealed]).when({ type: 'SealSegment', data: { ...segment, deploymentId: 'd2' }, meta }).thenRefused('OTHER_DEPLOYMENT');
  });
});
