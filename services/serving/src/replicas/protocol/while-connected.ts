import { setTimeout as pause } from 'node:timers/promises';
import type { JetStreamSession, NatsLink } from '@cairn/messaging';
import type { Logger } from '@cairn/service';

const RESTART_MS = 250;

/** Does `work` once in every connection to NATS, until `signal` aborts. What it throws is logged, and it begins again. */
export async function whileConnected(
  link: NatsLink,
  logger: Logger,
  signal: AbortSignal,
  work: (session: JetStreamSession, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const session = await link.use(signal);
      await work(session, AbortSignal.any([signal, session.lost]));
    } catch (error) {
      if (signal.aborted) return;
      logger.warn({ err: error }, 'what replicas say was interrupted; trying on');
    }
    await pause(RESTART_MS, undefined, { signal }).catch(() => undefined);
  }
}
