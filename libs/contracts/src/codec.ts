import { create, fromJson, toJson, type JsonValue as ProtoJsonValue, type MessageInitShape } from '@bufbuild/protobuf';
import { DomainError, type DomainEvent, type JsonObject } from '@cairn/kernel';
import { personalFields, SEALED, SEALED_PREFIX } from './personal.js';
import { eventSchema } from './registry.js';
import { upcast } from './upcasters/upcast.js';

/** Domain event → proto3 JSON. Throws DomainError UNKNOWN_EVENT_TYPE or INVALID_EVENT_DATA: a defect of the caller. */
export function encodeEvent(event: DomainEvent): JsonObject {
  const schema = schemaOf(event.type);
  try {
    return toJson(schema, create(schema, event.data as MessageInitShape<typeof schema>)) as JsonObject;
  } catch (cause) {
    throw new DomainError('INVALID_EVENT_DATA', `The data of ${event.type} does not fit its definition.`, 'invalid', { cause });
  }
}

/**
 * proto3 JSON → domain event of the shape that its type has now, with every field filled. Fields that this version does not know are ignored: an older
 * service reads what a newer one wrote. Throws DomainError UNKNOWN_EVENT_TYPE or INVALID_EVENT_DATA.
 */
export function decodeEvent<Event extends DomainEvent>(storedType: string, storedData: JsonObject): Event {
  const { type, data } = upcast(storedType, storedData);
  const schema = schemaOf(type);
  try {
    return { type, data: fromJson(schema, withoutSeals(type, data) as ProtoJsonValue, { ignoreUnknownFields: true }) } as DomainEvent as Event;
  } catch (cause) {
    throw new DomainError('INVALID_EVENT_DATA', `The data of ${type} does not fit its definition.`, 'invalid', { cause });
  }
}

/** A sealed text means nothing to whoever has no keys, and must not pass for a name. */
function withoutSeals(type: string, data: JsonObject): JsonObject {
  const sealed = personalFields(type).filter(({ name }) => String(data[name] ?? '').startsWith(SEALED_PREFIX));
  return sealed.length === 0 ? data : { ...data, ...Object.fromEntries(sealed.map(({ name }) => [name, SEALED])) };
}

function schemaOf(type: string) {
  const schema = eventSchema(type);
  if (schema === undefined) throw new DomainError('UNKNOWN_EVENT_TYPE', `No event is defined as ${type}.`, 'invalid');
  return schema;
}
