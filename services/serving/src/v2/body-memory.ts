import type { IncomingMessage, ServerResponse } from 'node:http';
import { V2Error } from './v2-error.js';

interface Holder {
  bytes: number;
  isGone: boolean;
}

/**
 * How much memory bodies of requests take that are read, waited for or answered at the moment. Each of them is within its own limit; without one for all, a few hundred
 * large ones at once would end the process.
 */
export class BodyMemory {
  private readonly holders = new WeakMap<IncomingMessage, Holder>();
  private held = 0;

  constructor(private readonly maxBytes: number) {}

  get heldBytes(): number {
    return this.held;
  }

  /** What is held for the request is given back when its answer is sent, or its connection is gone. */
  watch(request: IncomingMessage, answer: ServerResponse): void {
    const holder: Holder = { bytes: 0, isGone: false };
    this.holders.set(request, holder);
    answer.once('close', () => {
      holder.isGone = true;
      this.held -= holder.bytes;
    });
  }

  /** Throws V2Error 503 when there is no room for so many bytes more. */
  hold(request: IncomingMessage, bytes: number): void {
    const holder = this.holders.get(request);
    if (holder === undefined || holder.isGone) return;
    if (this.held + bytes > this.maxBytes) throw new V2Error(503, 'too many large requests at once; send it again in a moment');
    holder.bytes += bytes;
    this.held += bytes;
  }
}
