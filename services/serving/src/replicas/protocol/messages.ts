import type { JetStreamSession } from '@cairn/messaging';
import type { Logger } from '@cairn/service';

export interface Subscribing {
  readonly session: JetStreamSession;
  readonly subject: string;
  /** Of those that subscribe under the same name one gets each message. */
  readonly queue?: string;
  readonly signal: AbortSignal;
}

/** Hands over every message of a subject; resolves when `signal` aborts or the connection ends. */
export async function eachMessage({ session, subject, queue, signal }: Subscribing, take: (data: Uint8Array, respond: (reply: Uint8Array) => void) => void): Promise<void> {
  const subscription = session.nc.subscribe(subject, queue === undefined ? {} : { queue });
  const end = (): void => subscription.unsubscribe();
  signal.addEventListener('abort', end, { once: true });
  try {
    if (signal.aborted) return;
    for await (const message of subscription) take(message.data, (reply) => void message.respond(reply));
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}

/** The same, each with an answer, which several may be waited for at once. `answer` never rejects; an answer that nobody can be given any more is dropped. */
export function answerEach(subscribing: Subscribing, logger: Logger, answer: (question: Uint8Array) => Promise<Uint8Array>): Promise<void> {
  return eachMessage(subscribing, (question, respond) => {
    answer(question)
      .then(respond)
      .catch((error: unknown) => logger.warn({ err: error, subject: subscribing.subject }, 'an answer could not be given: the connection is gone'));
  });
}
