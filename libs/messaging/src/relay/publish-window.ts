import { createInbox, headers, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { MessagingError } from '../errors.js';
import type { CloudEventMessage } from '../wire/cloud-event.js';

export interface WindowLimits {
  /** Copies under way at once. */
  readonly maxMessages: number;
  /** Payload bytes under way at once: 1,024 events of 60 KB would be too much to buffer. */
  readonly maxBytes: number;
  /** How long the server may take to confirm a copy. */
  readonly confirmTimeoutMs: number;
}

export const DEFAULT_WINDOW: WindowLimits = { maxMessages: 1_024, maxBytes: 8 * 1024 * 1024, confirmTimeoutMs: 5_000 };

interface Pending {
  readonly bytes: number;
  readonly sentAtMs: number;
}

const WRONG_LAST_SEQUENCE = 10071;

/**
 * Publishes in order with many copies under way, and counts what comes back on an inbox of its own; a request per copy would be a third
 * as fast. Each copy says which sequence it must follow, so the server takes it when it is next and at no other time: after one that got
 * lost it refuses all behind it, and one that is there already it refuses too. The first refusal ends the window: `failed` aborts, and
 * whoever uses it asks the server where to go on.
 */
export class PublishWindow {
  /** Position of the next copy that the server has not confirmed. */
  confirmed: bigint;
  private readonly pending = new Map<bigint, Pending>();
  private pendingBytes = 0;
  private readonly inbox = createInbox();
  private readonly subscription: Subscription;
  private readonly failure = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private wake: (() => void) | undefined;

  constructor(
    private readonly nc: NatsConnection,
    from: bigint,
    private readonly limits: WindowLimits = DEFAULT_WINDOW,
    private readonly onConfirmed: (next: bigint) => void = () => undefined,
  ) {
    this.confirmed = from;
    this.subscription = nc.subscribe(`${this.inbox}.*`, { callback: (error, message) => this.receive(error, message) });
    this.timer = setInterval(() => this.checkOverdue(), Math.max(10, limits.confirmTimeoutMs / 5));
  }

  get failed(): AbortSignal {
    return this.failure.signal;
  }

  /** Resolves when another copy may be sent. Rejects with a MessagingError once the window is over. */
  async room(): Promise<void> {
    while (this.pending.size >= this.limits.maxMessages || this.pendingBytes >= this.limits.maxBytes) {
      this.failed.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    this.failed.throwIfAborted();
  }

  publish(position: bigint, subject: string, message: CloudEventMessage): void {
    const hdrs = headers();
    for (const [name, value] of message.headers) hdrs.append(name, value);
    hdrs.append('Nats-Expected-Last-Sequence', String(position));
    const payload = Buffer.from(message.payload, 'utf8');
    this.pending.set(position, { bytes: payload.length, sentAtMs: performance.now() });
    this.pendingBytes += payload.length;
    this.nc.publish(subject, payload, { headers: hdrs, reply: `${this.inbox}.${position}` });
  }

  close(): void {
    clearInterval(this.timer);
    if (!this.nc.isClosed()) this.subscription.unsubscribe();
    this.fail(new MessagingError('CLOSED', 'The relay has stopped.'));
  }

  private receive(error: Error | null, message: Msg): void {
    if (error !== null) return this.fail(new MessagingError('PUBLISH_FAILED', 'The inbox for confirmations was refused.', { cause: error }));
    const position = BigInt(message.subject.slice(this.inbox.length + 1));
    const answer = readAnswer(message);
    if (answer instanceof MessagingError) return this.fail(answer);
    if (answer !== position + 1n) {
      return this.fail(new MessagingError('STREAM_DIFFERS', `Position ${position} was stored as sequence ${answer}: the stream is written by somebody else.`));
    }
    this.pendingBytes -= this.pending.get(position)?.bytes ?? 0;
    this.pending.delete(position);
    this.confirmed = answer;
    this.onConfirmed(answer);
    this.stir();
  }

  private checkOverdue(): void {
    const [oldest] = this.pending.values();
    if (oldest !== undefined && performance.now() - oldest.sentAtMs > this.limits.confirmTimeoutMs) {
      this.fail(new MessagingError('PUBLISH_FAILED', `The server did not confirm a copy within ${this.limits.confirmTimeoutMs} ms.`));
    }
  }

  private fail(error: MessagingError): void {
    this.failure.abort(error);
    this.stir();
  }

  private stir(): void {
    const wake = this.wake;
    this.wake = undefined;
    wake?.();
  }
}

/** The sequence that the copy got, or why it got none. */
function readAnswer(message: Msg): bigint | MessagingError {
  if (message.headers?.code === 503) return new MessagingError('PUBLISH_FAILED', 'No stream takes the copy: it was deleted.');
  const { seq, error } = message.json<{ seq?: number; error?: { err_code?: number; description?: string } }>();
  if (error === undefined && seq !== undefined) return BigInt(seq);
  const description = error?.description ?? 'no sequence';
  return error?.err_code === WRONG_LAST_SEQUENCE
    ? new MessagingError('STREAM_BEHIND', `The stream is elsewhere: ${description}.`)
    : new MessagingError('PUBLISH_FAILED', `The server refused a copy: ${description}.`);
}
