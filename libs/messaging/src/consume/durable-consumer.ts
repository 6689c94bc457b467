import { AckPolicy, DeliverPolicy, JetStreamApiError, ReplayPolicy, type Consumer, type ConsumerConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { HandlingPolicy } from '../handler/handling-policy.js';
import type { JetStreamSession } from '../nats/nats-link.js';
import { ensureStreams, EVENTS_STREAM } from '../nats/streams.js';
import { eventFilter } from '../wire/subjects.js';

const CONSUMER_NOT_FOUND = 10014;
/** Events of one handler that are out or wait for another try. At the limit the handler gets no new ones: something is wrong with all. */
const MAX_UNSETTLED = 1_000;

export interface DurableOptions {
  readonly durable: string;
  readonly type: string;
  readonly deliver: 'all' | 'new';
  readonly policy: HandlingPolicy;
  readonly replicas: number;
}

/** The handler's durable consumer, created at its first sight. Where it stands survives us; how it waits follows the policy. */
export async function ensureDurable({ js, jsm }: JetStreamSession, options: DurableOptions): Promise<Consumer> {
  await ensureStreams(jsm, options.replicas);
  const changeable = {
    ack_wait: nanos(options.policy.ackWaitMs),
    max_ack_pending: MAX_UNSETTLED,
    // The handler counts and writes the dead letter; a limit of the server would drop the event in silence.
    max_deliver: -1,
    filter_subject: eventFilter(options.type),
  } satisfies Partial<ConsumerConfig>;
  const existing = await jsm.consumers.info(EVENTS_STREAM, options.durable).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === CONSUMER_NOT_FOUND) return undefined;
    throw error;
  });
  if (existing === undefined) {
    await jsm.consumers.add(EVENTS_STREAM, {
      durable_name: options.durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: options.deliver === 'new' ? DeliverPolicy.New : DeliverPolicy.All,
      replay_policy: ReplayPolicy.Instant,
      ...changeable,
    });
  } else if (Object.entries(changeable).some(([key, value]) => new Map<string, unknown>(Object.entries(existing.config)).get(key) !== value)) {
    await jsm.consumers.update(EVENTS_STREAM, options.durable, changeable);
  }
  return js.consumers.get(EVENTS_STREAM, options.durable);
}
