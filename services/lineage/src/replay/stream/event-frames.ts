import { setTimeout as pause } from 'node:timers/promises';
import { parseRecord, type EventStore, type StoredRecord } from '@cairn/event-store';
import { passes, type ReplayFilter } from './replay-filter.js';
import type { ReplayRange } from './replay-range.js';

export interface Frame {
  /** As text/event-stream has it, with the empty line at its end. */
  readonly text: string;
  readonly isEvent: boolean;
}

export interface FramesOptions {
  readonly store: EventStore;
  readonly range: ReplayRange;
  readonly filter: ReplayFilter;
  /** Factor of real time; 0 as fast as the client takes it. */
  readonly speed: number;
  readonly signal: AbortSignal;
}

/** So few that a page of the largest events is 4 MB: that is what a client costs in memory. */
const PAGE = 64;
/** A comment goes out when nothing else does, so that nobody on the way takes the connection for dead. */
const KEEP_ALIVE_MS = 15_000;

/** The events of a range as frames, at their time. Reads on only when the frame before was taken. Ends early when `signal` aborts. */
export async function* eventFrames({ store, range, filter, speed, signal }: FramesOptions): AsyncGenerator<Frame> {
  const pace = new Pace(speed, signal);
  let lastFrameAt = performance.now();
  for (let next = range.from; next <= range.to && !signal.aborted; ) {
    const page = await store.readRecords(next, { limit: PAGE });
    if (page.next <= next) return;
    next = page.next;
    for (const record of page.events) {
      if (record.position > range.to || signal.aborted) break;
      if (!passes(filter, record)) continue;
      for await (const waiting of pace.until(record)) yield waiting;
      if (signal.aborted) return;
      yield frameOf(record);
      lastFrameAt = performance.now();
    }
    if (performance.now() - lastFrameAt < KEEP_ALIVE_MS) continue;
    yield KEEP_ALIVE;
    lastFrameAt = performance.now();
  }
}

const KEEP_ALIVE: Frame = { text: ': nothing yet\n\n', isEvent: false };

/** The text is the exact one that was hashed: its leaf hash can be computed from what the client receives. JSON has no line breaks of its own. */
function frameOf({ position, type, body }: StoredRecord): Frame {
  return { text: `id: ${position}\nevent: ${type}\ndata: ${body}\n\n`, isEvent: true };
}

/** When an event is due: as long after the first one as it was then, divided by the speed. */
class Pace {
  private start: { readonly at: number; readonly time: number } | undefined;

  constructor(
    private readonly speed: number,
    private readonly signal: AbortSignal,
  ) {}

  /** Ends when the event is due; yields something to send meanwhile. */
  async *until(record: StoredRecord): AsyncGenerator<Frame> {
    if (this.speed === 0) return;
    const time = Date.parse(parseRecord(record).time);
    this.start ??= { at: performance.now(), time };
    const due = this.start.at + (time - this.start.time) / this.speed;
    for (;;) {
      const leftMs = due - performance.now();
      if (leftMs <= 0 || this.signal.aborted) return;
      await pause(Math.min(leftMs, KEEP_ALIVE_MS), undefined, { signal: this.signal }).catch(() => undefined);
      if (leftMs > KEEP_ALIVE_MS && !this.signal.aborted) yield KEEP_ALIVE;
    }
  }
}
