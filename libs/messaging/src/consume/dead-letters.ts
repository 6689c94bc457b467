import { headers } from '@nats-io/transport-node';
import type { JetStreamClient, JsMsg } from '@nats-io/jetstream';
import { deadLetterSubject } from '../wire/subjects.js';
import { encodeHeader } from '../wire/header-value.js';

export interface DeadLetter {
  readonly service: string;
  readonly handler: string;
  readonly durable: string;
  readonly reason: string;
}

/**
 * Keeps an event that a handler will never deal with: the whole message, and as headers who could not do what, why and when. Resolves
 * once the server has it; only then may the event be taken from the handler. Writing twice leaves one letter.
 */
export async function writeDeadLetter(js: JetStreamClient, message: JsMsg, letter: DeadLetter): Promise<void> {
  const hdrs = headers();
  for (const [name, values] of message.headers ?? []) {
    // The server would take its own headers of the copy for instructions.
    if (!name.toLowerCase().startsWith('nats-')) for (const value of values) hdrs.append(name, value);
  }
  const facts = {
    service: letter.service,
    handler: letter.handler,
    consumer: letter.durable,
    reason: letter.reason,
    subject: message.subject,
    deliveries: String(message.info.deliveryCount),
    time: new Date().toISOString(),
  };
  for (const [name, value] of Object.entries(facts)) hdrs.append(`cairn-dead-letter-${name}`, encodeHeader(value.slice(0, MAX_FACT_LENGTH)));
  await js.publish(deadLetterSubject(letter.service, letter.handler, BigInt(message.seq - 1)), message.data, { headers: hdrs });
}

const MAX_FACT_LENGTH = 2_000;
