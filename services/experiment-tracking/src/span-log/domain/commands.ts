import type { Plain, tracking } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type Segment = Plain<tracking.SpanSegmentSealed>;

export type SealSpanSegment = Command<'SealSpanSegment', Segment>;
export type SpanLogCommand = SealSpanSegment;
