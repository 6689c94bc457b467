import { MessagingError } from '../errors.js';
import type { JetStreamSession } from '../nats/nats-link.js';
import { EVENTS_STREAM, isStreamNotFound } from '../nats/streams.js';

/**
 * Aborts when copying can't go on as it is. A lost connection ends it at once: the client buffers what it can't send, and drops it on
 * its next attempt to connect. A stream that has less than was confirmed has lost it, which no publish would tell while nothing happens.
 */
export function watchSession({ nc, jsm }: JetStreamSession, confirmed: () => bigint, checkIntervalMs: number): { signal: AbortSignal; stop(): void } {
  const over = new AbortController();
  const statuses = nc.status();
  const end = (code: 'PUBLISH_FAILED' | 'STREAM_BEHIND', message: string) => over.abort(new MessagingError(code, message));
  const check = async (): Promise<void> => {
    const atLeast = confirmed();
    try {
      const { state } = await jsm.streams.info(EVENTS_STREAM);
      if (BigInt(state.last_seq) < atLeast) end('STREAM_BEHIND', `The stream has ${state.last_seq} of ${atLeast} copies.`);
    } catch (error) {
      // No answer says nothing about the stream; a lost connection is told by its status.
      if (isStreamNotFound(error) && atLeast > 0n) end('STREAM_BEHIND', 'The stream was deleted.');
    }
  };
  const timer = setInterval(() => void check(), checkIntervalMs);
  void (async () => {
    for await (const { type } of statuses) {
      if (type === 'disconnect') end('PUBLISH_FAILED', 'The connection to NATS was lost.');
    }
    end('PUBLISH_FAILED', 'The connection to NATS was closed.');
  })();
  const stop = (): void => {
    clearInterval(timer);
    if ('stop' in statuses && typeof statuses.stop === 'function') statuses.stop();
  };
  return { signal: over.signal, stop };
}
