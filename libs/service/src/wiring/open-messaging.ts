import { PostgresLease } from '@cairn/event-store';
import { JetStreamStrategy, NatsLink, Relay, type Lease } from '@cairn/messaging';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ServiceConfig } from '../config/service-config.js';
import type { ServiceSpec } from '../service-spec.js';
import type { Closing } from './closing.js';
import type { OpenedParts } from './open-parts.js';
import type { MessagingState } from './readiness.js';
import type { SharedParts, StatefulParts } from './parts.js';

/** Names the election of the one process that copies the log. */
const RELAY_LEASE = 'cairn-relay';

export interface Messaging {
  /** Absent without NATS. */
  readonly link?: NatsLink;
  /** Absent without NATS: then no policy runs. */
  readonly strategy?: JetStreamStrategy;
  readonly state: () => MessagingState;
  /** Stands for election as relay, if this service is to. */
  readonly start: () => void;
}

/** Waits for nothing: connection, relay and handlers come up when NATS does. */
export function openMessaging(
  spec: ServiceSpec,
  config: ServiceConfig,
  { logger, registry }: OpenedParts,
  { shared, stateful, closing }: { readonly shared: SharedParts; readonly stateful: StatefulParts | undefined; readonly closing: Closing },
): Messaging {
  if (config.natsUrl === undefined || stateful === undefined) return { state: () => 'off', start: () => undefined };
  const link = shared.link ?? closing.onClose(new NatsLink({ url: config.natsUrl, name: spec.name, logger }));
  const { onHandled } = handlerMetrics(registry);
  const strategy = new JetStreamStrategy({ service: spec.name, link, logger, onHandled });
  const state = (): MessagingState => (link.status.state === 'connected' ? 'connected' : 'disconnected');
  new Gauge({
    name: 'cairn_messaging_connected',
    help: '1 while NATS is connected.',
    registers: [registry],
    collect() {
      this.set(state() === 'connected' ? 1 : 0);
    },
  });
  if (shared.relay === false) return { link, strategy, state, start: () => link.open() };

  const relay = new Relay({ store: stateful.store, link, lease: relayLease(config.databaseUrl), logger });
  closing.add(() => relay.stop());
  return { link, strategy, state, start: () => relay.start() };
}

function relayLease(databaseUrl: string): Lease {
  return {
    acquire: async (signal) => {
      const held = await PostgresLease.acquire(databaseUrl, RELAY_LEASE, signal);
      return { lost: held.signal, release: () => held.release() };
    },
  };
}

function handlerMetrics(registry: Registry) {
  const registers = [registry];
  const handled = new Counter({ name: 'cairn_events_handled_total', help: 'Deliveries by how they ended.', labelNames: ['handler', 'type', 'ending'], registers });
  const seconds = new Histogram({ name: 'cairn_event_handling_seconds', help: 'Time a handler took.', labelNames: ['handler'], registers });
  return {
    onHandled: ({ handler, type, ending, durationMs }: { handler: string; type: string; ending: string; durationMs: number }): void => {
      handled.inc({ handler, type, ending });
      seconds.observe({ handler }, durationMs / 1_000);
    },
  };
}
