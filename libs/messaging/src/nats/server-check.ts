import { jetstreamManager, JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { MessagingError } from '../errors.js';

const OLDEST_SERVER = [2, 9] as const;
const NOT_ENABLED_FOR_ACCOUNT = 10039;

/** Throws MessagingError SERVER_UNSUITABLE when the server can't carry the events; any other error says nothing about the server. */
export async function checkServer(nc: NatsConnection): Promise<JetStreamManager> {
  const version = nc.info?.version ?? '';
  if (!isRecent(version)) {
    throw new MessagingError(
      'SERVER_UNSUITABLE',
      `nats-server ${version || 'of unknown version'} is too old: install ${OLDEST_SERVER.join('.')} or newer. Older ones have no durable pull consumers as used here.`,
    );
  }
  try {
    return await jetstreamManager(nc);
  } catch (cause) {
    if (isWithoutJetStream(cause)) {
      throw new MessagingError('SERVER_UNSUITABLE', 'The NATS server has no JetStream for this account: start nats-server with -js, or enable JetStream for the account.', {
        cause,
      });
    }
    throw cause;
  }
}

export function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST_SERVER[0] || (major === OLDEST_SERVER[0] && minor >= OLDEST_SERVER[1]);
}

function isWithoutJetStream(error: unknown): boolean {
  return (error instanceof Error && error.name === 'JetStreamNotEnabled') || (error instanceof JetStreamApiError && error.code === NOT_ENABLED_FOR_ACCOUNT);
}
