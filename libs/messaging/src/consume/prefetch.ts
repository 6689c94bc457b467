import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';

const PULL_EXPIRES_MS = 30_000;
/** Two of them missed mean that nobody answers: the consumer, or all of JetStream, is gone. */
const PULL_HEARTBEAT_MS = 5_000;
const MAX_AHEAD = 32;
/** A handler that takes longer than this gets no events ahead of its need. */
const QUICK_MS = 20;
/** Given back while we are busy, an event would come straight back to the pull that is still open. */
const GIVE_BACK_DELAY_MS = 250;

/**
 * The events that wait for one worker. Quick handlers get up to 32 ahead, which spares a journey to the server per event; slow ones get
 * the next event only when they are free, so that another process can have it meanwhile. The client's own endless `consume` would go on
 * asking while a handler takes its time, and let the time of what it got run out.
 */
export class Prefetch {
  private readonly waiting: JsMsg[] = [];
  private ahead = 1;
  private free = false;
  private busyForLong = false;
  private ended = false;
  private wakers: (() => void)[] = [];

  constructor(
    private readonly consumer: Consumer,
    /** Waiting events are kept alive at this interval. */
    private readonly signOfLifeMs: number,
  ) {}

  /** Asks for events until `over` aborts. Rejects when the consumer can't be asked any more. */
  async pull(over: AbortSignal): Promise<void> {
    const signOfLife = setInterval(() => this.forWaiting((message) => message.working()), this.signOfLifeMs);
    let messages: ConsumerMessages | undefined;
    const stop = (): void => {
      messages?.stop();
      this.stir();
    };
    over.addEventListener('abort', stop);
    try {
      while (!over.aborted) {
        if (!this.hasRoom()) {
          await this.change();
          continue;
        }
        messages = await this.consumer.fetch({
          max_messages: this.ahead - this.waiting.length,
          expires: PULL_EXPIRES_MS,
          idle_heartbeat: PULL_HEARTBEAT_MS,
        });
        if (over.aborted) messages.stop();
        for await (const message of messages) this.put(message);
      }
    } finally {
      over.removeEventListener('abort', stop);
      messages?.stop();
      clearInterval(signOfLife);
      this.ended = true;
      this.stir();
    }
  }

  /** Waits for the next event; undefined once pulling has ended and nothing waits. */
  async next(): Promise<JsMsg | undefined> {
    this.free = true;
    this.stir();
    while (this.waiting.length === 0 && !this.ended) await this.change();
    this.free = false;
    return this.waiting.shift();
  }

  /** Learns from how long the worker took, and whether it pays to have events ready for it. */
  learn(durationMs: number): void {
    this.busyForLong = false;
    this.ahead = durationMs <= QUICK_MS ? Math.min(MAX_AHEAD, this.ahead * 2) : 1;
    this.stir();
  }

  /** The worker will not come for them soon: others may have them. */
  giveBack(): void {
    this.busyForLong = true;
    this.forWaiting((message) => message.nak());
    this.waiting.length = 0;
  }

  private put(message: JsMsg): void {
    if (this.busyForLong) attempt(() => message.nak(GIVE_BACK_DELAY_MS));
    else this.waiting.push(message);
    this.stir();
  }

  private hasRoom(): boolean {
    if (this.busyForLong) return false;
    return this.ahead === 1 ? this.free && this.waiting.length === 0 : this.waiting.length <= this.ahead / 2;
  }

  private forWaiting(tell: (message: JsMsg) => void): void {
    for (const message of this.waiting) attempt(() => tell(message));
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      this.wakers.push(resolve);
    });
  }

  private stir(): void {
    const { wakers } = this;
    this.wakers = [];
    for (const wake of wakers) wake();
  }
}

/** A word to the server that can't be sent is no fault of the event: without it the event comes again. */
export function attempt(send: () => void): void {
  try {
    send();
  } catch {
    // The connection is closed; whoever pulls finds out by itself.
  }
}
