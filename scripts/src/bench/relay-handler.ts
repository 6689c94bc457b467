import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventOf, tracking } from '@cairn/contracts';
import { JetStreamStrategy, NatsLink, OnEvent, type Delivery } from '@cairn/messaging';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload, type MicroserviceOptions } from '@nestjs/microservices';
import { pino } from 'pino';

type NameClaimed = EventOf<tracking.ExperimentNameClaimed>;

export interface HandledReport {
  readonly latenciesMs: readonly number[];
}

let latenciesMs: number[] = [];

@Controller()
class OnNameClaimed {
  @OnEvent<NameClaimed>('cairn.tracking.v1.ExperimentNameClaimed')
  async handle(@Payload() delivery: Delivery<NameClaimed>): Promise<void> {
    const [sentAt = '0'] = delivery.event.data.name.split(' ');
    latenciesMs.push(Number(process.hrtime.bigint() - BigInt(sentAt)) / 1e6);
  }
}

@Module({ controllers: [OnNameClaimed] })
class HandlerModule {}

/** The other service of the relay benchmark: a process of its own, started with the address of NATS. */
const logger = pino({ level: 'warn' });
const link = new NatsLink({ url: process.argv[2] ?? '', name: 'bench-handler', logger });
const app = await NestFactory.createMicroservice<MicroserviceOptions>(HandlerModule, {
  strategy: new JetStreamStrategy({ service: 'bench', link, logger }),
  logger: false,
});
await app.listen();
process.on('message', ({ atLeast }: { atLeast: number }) => {
  void (async () => {
    while (latenciesMs.length < atLeast) await delay(10);
    process.send?.({ latenciesMs } satisfies HandledReport);
    latenciesMs = [];
  })();
});
process.send?.({ latenciesMs });
