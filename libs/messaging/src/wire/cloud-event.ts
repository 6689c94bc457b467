import { decodeEvent } from '@cairn/contracts';
import type { StoredEvent } from '@cairn/event-store';
import type { DomainEvent, JsonObject } from '@cairn/kernel';
import { MessagingError } from '../errors.js';
import type { Delivery } from '../handler/delivery.js';
import { decodeHeader, encodeHeader } from './header-value.js';

/** Reads a header by its lower-case name. */
export type HeaderReader = (name: string) => string | undefined;

export interface CloudEventMessage {
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** `data` as proto3 JSON. */
  readonly payload: string;
}

/**
 * A CloudEvent 1.0 in binary mode: `data` is the payload, everything else a `ce-` header. With our extensions (`ce-position`,
 * `ce-revision`, `ce-workspace`, `ce-actor`, `ce-onbehalfof`, `ce-correlationid`, `ce-causationid`, `ce-traceparent`) a consumer gets
 * all that the log keeps but the leaf hash; `ce-subject` is the stream.
 */
export function toCloudEvent(event: StoredEvent): CloudEventMessage {
  const attributes: [string, string | undefined][] = [
    ['specversion', '1.0'],
    ['id', event.id],
    ['type', event.type],
    ['source', event.source],
    ['subject', event.stream],
    ['time', event.time],
    ['datacontenttype', 'application/json'],
    ['position', String(event.position)],
    ['revision', String(event.revision)],
    ['workspace', event.workspace],
    ['actor', event.actor.principal],
    ['onbehalfof', event.actor.onBehalfOf],
    ['correlationid', event.correlationId],
    ['causationid', event.causationId],
    ['traceparent', event.traceparent],
  ];
  const headers = attributes.flatMap(([name, value]) => (value === undefined ? [] : [[`ce-${name}`, encodeHeader(value)] as const]));
  return { headers, payload: JSON.stringify(event.data) };
}

/** Throws MessagingError MALFORMED_MESSAGE, or DomainError UNKNOWN_EVENT_TYPE for a type that this version does not know. */
export function toDelivery<Event extends DomainEvent = DomainEvent>(
  header: HeaderReader,
  payload: Uint8Array,
  context: { readonly attempt: number; readonly service: string },
): Delivery<Event> {
  const required = (name: string): string => {
    const value = header(`ce-${name}`);
    if (value === undefined || value === '') throw new MessagingError('MALFORMED_MESSAGE', `The message has no ce-${name}: it is no event of Cairn.`);
    return decodeHeader(value);
  };
  const optional = (name: string): string | undefined => {
    const value = header(`ce-${name}`);
    return value === undefined || value === '' ? undefined : decodeHeader(value);
  };
  const onBehalfOf = optional('onbehalfof');
  const causationId = optional('causationid');
  const traceparent = optional('traceparent');
  return {
    event: decodeEvent<Event>(required('type'), parseData(payload)),
    id: required('id'),
    position: place(required('position')),
    stream: required('subject'),
    revision: place(required('revision')),
    time: required('time'),
    workspace: required('workspace'),
    actor: { principal: required('actor'), ...(onBehalfOf !== undefined && { onBehalfOf }) },
    source: required('source'),
    correlationId: required('correlationid'),
    ...(causationId !== undefined && { causationId }),
    ...(traceparent !== undefined && { traceparent }),
    ...context,
  };
}

function parseData(payload: Uint8Array): JsonObject {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)) as JsonObject;
  } catch (cause) {
    throw new MessagingError('MALFORMED_MESSAGE', 'The payload of the message is not JSON.', { cause });
  }
}

function place(text: string): bigint {
  if (!/^\d{1,19}$/.test(text)) throw new MessagingError('MALFORMED_MESSAGE', `"${text}" is no place in a log.`);
  return BigInt(text);
}
