import { MessagingError } from '../errors.js';
import type { JetStreamSession } from '../nats/nats-link.js';
import { EVENTS_STREAM, isStreamNotFound } from '../nats/streams.js';

/**
 * Aborts when copying can't go on as it is: the connection is lost, or the stream has less than it confirmed, which no publish would tell
 * while nothing happens.
 */
export function watchSession({ jsm, lost }: JetStreamSession, confirmed: () => bigint, checkIntervalMs: number): { signal: AbortSignal; stop(): void } {
  const over = new AbortController();
  const end = (message: string) => over.abort(new MessagingError('STREAM_BEHIND', message));
  const check = async (): Promise<void> => {
    const atLeast = confirmed();
    try {
      const { state } = await jsm.streams.info(EVENTS_STREAM);
      if (BigInt(state.last_seq) < atLeast) end(`The stream has ${state.last_seq} of ${atLeast} copies.`);
    } catch (error) {
      // No answer says nothing about the stream.
      if (isStreamNotFound(error) && atLeast > 0n) end('The stream was deleted.');
    }
  };
  const timer = setInterval(() => void check(), checkIntervalMs);
  return { signal: AbortSignal.any([lost, over.signal]), stop: () => clearInterval(timer) };
}
