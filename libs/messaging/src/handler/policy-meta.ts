import { eventIdOf, SystemClock, type Clock, type CommandMeta } from '@cairn/kernel';
import type { Delivery } from './delivery.js';

const systemClock = new SystemClock();

/**
 * Metadata for the command that a handler issues because of an event. The command's id follows from the handler and the event, so
 * handling twice appends nothing the second time. A handler that sends several commands to one stream gives each its own name, e.g.
 * `on-run-finished/close`. The actor is the service, on behalf of whoever caused the event.
 */
export function policyMeta(delivery: Delivery, handlerName: string, service: string = delivery.service, clock: Clock = systemClock): CommandMeta {
  return {
    // Derived as event ids are: it keeps the time prefix of the causing event, and with it the order of the store's id index.
    commandId: eventIdOf(delivery.id, `policy/${service}/${handlerName}`, 0),
    now: clock.now(),
    actor: { principal: `service:${service}`, onBehalfOf: delivery.actor.onBehalfOf ?? delivery.actor.principal },
    workspace: delivery.workspace,
    correlationId: delivery.correlationId,
    causationId: delivery.id,
    ...(delivery.traceparent !== undefined && { traceparent: delivery.traceparent }),
  };
}
