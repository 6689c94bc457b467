import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import { spanLog } from './decider.js';
import type { SpanLogEvent } from './state.js';

const { given } = deciderSpec(spanLog);
const meta = testMeta();
const segment = {
  experimentId: 'e1', segmentId: 's1', digest: 'sha256:aa', sizeBytes: 900n, spanCount: 3n, chunkCount: 2n, traceCount: 1n, firstTime: '2001-04-01T00:00:00.000Z',
  lastTime: '2001-04-01T00:01:00.000Z',
};
const sealed = { type: 'cairn.tracking.v1.SpanSegmentSealed', data: segment } as const satisfies SpanLogEvent;

describe('span log', () => {
  it('seals a segment once', () => {
    given([]).when({ type: 'SealSpanSegment', data: segment, meta }).then([sealed]);
    given([sealed]).when({ type: 'SealSpanSegment', data: segment, meta }).thenNothing();
  });

  it('takes no empty file, and belongs to one experiment', () => {
    given([]).when({ type: 'SealSpanSegment', data: { ...segment, spanCount: 0n }, meta }).thenRefused('EMPTY_SEGMENT');
    given([sealed]).when({ type: 'SealSpanSegment', data: { ...segment, experimentId: 'e2', segmentId: 's2' }, meta }).thenRefused('OTHER_EXPERIMENT');
  });
});
