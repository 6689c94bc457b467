import { Controller, Inject, Module, type DynamicModule, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload, type MicroserviceOptions } from '@nestjs/microservices';
import { pino } from 'pino';
import type { Delivery } from '../handler/delivery.js';
import type { HandlingPolicy } from '../handler/handling-policy.js';
import { OnEvent } from '../handler/on-event.js';
import { JetStreamStrategy } from '../jetstream-strategy.js';
import { NatsLink } from '../nats/nats-link.js';
import type { Handled } from '../consume/handler-loop.js';
import { NAME_CLAIMED, type NameClaimed } from './claims.js';

export type ClaimHandler = (delivery: Delivery<NameClaimed>) => Promise<void>;

/** `MESSAGING_SPEC_LOG=debug` shows what happens. */
export const specLogger = pino({ level: process.env['MESSAGING_SPEC_LOG'] ?? 'silent' });

/** Short times: a spec waits for what happens, and a server that was killed must not keep it waiting for half a minute. */
export const SPEC_HANDLING: Partial<HandlingPolicy> = {
  ackWaitMs: 1_500,
  failureBackoffMs: [20, 40],
  outageBackoffMs: [20, 50, 100],
  maxFailures: 3,
  waitingMs: 50,
  drainMs: 5_000,
};

@Controller()
class OnNameClaimed {
  constructor(@Inject('handler') private readonly handler: ClaimHandler) {}

  @OnEvent<NameClaimed>(NAME_CLAIMED)
  handle(@Payload() delivery: Delivery<NameClaimed>): Promise<void> {
    return this.handler(delivery);
  }
}

@Controller()
class OnNameClaimedToo {
  constructor(@Inject('second') private readonly handler: ClaimHandler) {}

  @OnEvent<NameClaimed>(NAME_CLAIMED)
  handle(@Payload() delivery: Delivery<NameClaimed>): Promise<void> {
    return this.handler(delivery);
  }
}

@Controller()
class OnLaterNameClaimed {
  constructor(@Inject('later') private readonly handler: ClaimHandler) {}

  @OnEvent<NameClaimed>(NAME_CLAIMED, { handler: 'later', deliver: 'new' })
  handle(@Payload() delivery: Delivery<NameClaimed>): Promise<void> {
    return this.handler(delivery);
  }
}

@Module({})
class ClaimModule {}

export interface ClaimServiceOptions {
  readonly url: string;
  readonly service?: string;
  /** `on-name-claimed`. */
  readonly handler: ClaimHandler;
  /** `on-name-claimed-too`, a second handler of the same event. */
  readonly second?: ClaimHandler;
  /** `later`, which begins with the next event. */
  readonly later?: ClaimHandler;
  readonly policy?: Partial<HandlingPolicy>;
  readonly onHandled?: (handled: Handled) => void;
}

export interface ClaimService {
  readonly link: NatsLink;
  readonly app: INestMicroservice;
  close(): Promise<void>;
}

/** A real Nest application with real handlers on its own connection: what a service process is. */
export async function startClaimService({ url, service = 'serving', handler, second, later, policy, onHandled }: ClaimServiceOptions): Promise<ClaimService> {
  const link = new NatsLink({ url, name: service, logger: specLogger });
  const module: DynamicModule = {
    module: ClaimModule,
    controllers: [OnNameClaimed, ...(second === undefined ? [] : [OnNameClaimedToo]), ...(later === undefined ? [] : [OnLaterNameClaimed])],
    providers: [
      { provide: 'handler', useValue: handler },
      { provide: 'second', useValue: second },
      { provide: 'later', useValue: later },
    ],
  };
  const strategy = new JetStreamStrategy({
    service,
    link,
    logger: specLogger,
    policy: { ...SPEC_HANDLING, ...policy },
    ...(onHandled !== undefined && { onHandled }),
  });
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(module, { strategy, logger: false });
  await app.listen();
  return {
    link,
    app,
    close: async () => {
      await app.close();
      await link.close();
    },
  };
}
