import { BaseRpcContext, Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Logger } from 'pino';
import { HandlerLoop, type Handled, type Handler } from './consume/handler-loop.js';
import { MessagingError } from './errors.js';
import type { Delivery } from './handler/delivery.js';
import { DEFAULT_HANDLING, type HandlingPolicy } from './handler/handling-policy.js';
import { CAIRN_EVENTS_TRANSPORT } from './handler/on-event.js';
import type { NatsLink } from './nats/nats-link.js';

export interface JetStreamStrategyOptions {
  /** Whose handlers these are, e.g. `training-scheduler`. Processes of one service share their durable consumers. */
  readonly service: string;
  readonly link: NatsLink;
  readonly logger: Logger;
  readonly policy?: Partial<HandlingPolicy>;
  /** Called after every delivery, for metrics. */
  readonly onHandled?: (handled: Handled) => void;
}

/** What interceptors, guards and `@Ctx()` see. */
export class DeliveryContext extends BaseRpcContext<[Delivery]> {
  get delivery(): Delivery {
    return this.args[0];
  }
}

/**
 * Nest transport for `@OnEvent` handlers. `app.connectMicroservice({ strategy })`; listening does not wait for NATS, so a service starts
 * without it. The link belongs to whoever made it: close it after the application.
 */
export class JetStreamStrategy extends Server implements CustomTransportStrategy {
  override transportId = CAIRN_EVENTS_TRANSPORT;
  /** Without it Nest would log a handler's error and we would acknowledge. */
  override readonly propagatesEventHandlerErrors = true;
  private readonly handlers: Handler[] = [];
  private loops: HandlerLoop[] = [];

  constructor(private readonly options: JetStreamStrategyOptions) {
    super();
    this.initializeSerializer({});
    this.initializeDeserializer({});
  }

  /** Nest would chain two handlers of one event and let the failure of one repeat the other. Here each stands alone. */
  override addHandler(pattern: unknown, callback: MessageHandler, isEventHandler = false, extras: Record<string, unknown> = {}): void {
    const { handler: name, deliver } = extras;
    if (!isEventHandler || typeof pattern !== 'string' || typeof name !== 'string') {
      throw new MessagingError('INVALID_HANDLER', `The handler of ${JSON.stringify(pattern)} needs @OnEvent('<event type>'): this transport carries nothing else.`);
    }
    callback.isEventHandler = true;
    callback.extras = extras;
    this.handlers.push({ type: pattern, name, deliver: deliver === 'new' ? 'new' : 'all', handle: (delivery) => this.call(callback, delivery) });
  }

  listen(callback: (error?: unknown) => void): void {
    try {
      this.loops = this.makeLoops();
    } catch (error) {
      return callback(error);
    }
    for (const loop of this.loops) loop.start();
    callback();
  }

  async close(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.close()));
    this.loops = [];
  }

  /** There are no events of the transport itself; `NatsLink.status` tells how it is. */
  on(event: string): never {
    throw new MessagingError('CLOSED', `The transport of events has no event ${event}.`);
  }

  unwrap<T = NatsLink>(): T {
    return this.options.link as T;
  }

  private makeLoops(): HandlerLoop[] {
    const { service, link, logger, onHandled } = this.options;
    const policy = { ...DEFAULT_HANDLING, ...this.options.policy };
    const loops = this.handlers.map((handler) => new HandlerLoop({ handler, service, link, policy, logger, ...(onHandled !== undefined && { onHandled }) }));
    const twice = loops.find(({ durable }, index) => loops.findIndex((other) => other.durable === durable) !== index);
    if (twice !== undefined) {
      throw new MessagingError('INVALID_HANDLER', `Two handlers share the consumer ${twice.durable}: name one with @OnEvent(type, { handler }).`);
    }
    return loops;
  }

  private call(callback: MessageHandler, delivery: Delivery): Promise<void> {
    const context = new DeliveryContext([delivery]);
    return new Promise((resolve, reject) => {
      this.runWithProcessingHooks(context, async (runEndHook) => {
        try {
          const result: unknown = await callback(delivery, context);
          if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
          runEndHook();
          resolve();
        } catch (error) {
          runEndHook();
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  }
}
