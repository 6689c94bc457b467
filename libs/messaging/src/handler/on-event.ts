import { applyDecorators, UseFilters } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { DomainEvent } from '@cairn/kernel';
import { handlerNameOf } from './handler-name.js';
import { RethrowFilter } from './rethrow.filter.js';

/** Names our transport: a handler without it would be registered on every transport of the process. */
export const CAIRN_EVENTS_TRANSPORT = Symbol('cairn-events');

/** What `@OnEvent` tells the strategy about a handler. */
export interface HandlerExtras {
  readonly handler: string;
  readonly deliver: 'all' | 'new';
}

export interface OnEventOptions {
  /**
   * Names the handler for ever: its place in the log and its inbox rows belong to the name. By default the class in kebab-case, e.g.
   * `OnRunFinished` is `on-run-finished`, and the method after a dash unless it is called `handle`.
   */
  readonly handler?: string;
  /**
   * Where a handler that has never run begins: `all` (default) with the first event of the log, `new` with the next one.
   * Take `new` for a reaction that must not repeat itself on old facts.
   */
  readonly deliver?: 'all' | 'new';
}

/**
 * Marks a method of a `@Controller()` as a durable handler of an event type: `handle(@Payload() delivery: Delivery<E>)`. Several types
 * make several handlers, each with its own place in the log.
 *
 * Returning acknowledges. `RetryLater` and `Terminate` say what else to do, see `endingOf` for other errors. A handler may run twice
 * for one event: its commands take their ids from `policyMeta`, and effects that are rows go through `Inbox`.
 */
export function OnEvent<Event extends DomainEvent>(type: Event['type'] | readonly Event['type'][], options: OnEventOptions = {}): MethodDecorator {
  return (target, key, descriptor) => {
    const extras: HandlerExtras = {
      handler: options.handler ?? handlerNameOf(target.constructor.name, String(key)),
      deliver: options.deliver ?? 'all',
    };
    applyDecorators(EventPattern<unknown>(type, CAIRN_EVENTS_TRANSPORT, { ...extras }), UseFilters(RethrowFilter))(target, key, descriptor);
  };
}
