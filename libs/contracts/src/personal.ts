import { getOption, hasOption, type DescField } from '@bufbuild/protobuf';
import { personal_of } from './gen/cairn/options/v1/options_pb.js';
import { eventSchema } from './registry.js';

/** How the stored text of a sealed field begins; the event store's README says what follows. */
export const SEALED_PREFIX = 'cairn-sealed:1:';
/** What a sealed field reads as once the key of its subject is gone. */
export const ERASED = '[erased]';
/** What it reads as where keys are not at hand: in messages, and in copies of the log. */
export const SEALED = '[sealed]';

/** A field whose text is about a person, by the names that proto3 JSON has. */
export interface PersonalField {
  readonly name: string;
  /** Field of the same message whose text names the data subject. */
  readonly subject: string;
}

const NONE: readonly PersonalField[] = [];
const known = new Map<string, readonly PersonalField[]>();

/** The fields of an event type that have the option `personal_of`; none for a type that nobody defined. */
export function personalFields(type: string): readonly PersonalField[] {
  const found = known.get(type);
  if (found !== undefined) return found;
  const fields = eventSchema(type)?.fields.flatMap(personalField);
  // A type that is unknown is not remembered: there is no end to them.
  if (fields !== undefined) known.set(type, fields.length === 0 ? NONE : fields);
  return fields ?? NONE;
}

function personalField(field: DescField): PersonalField[] {
  if (!hasOption(field, personal_of)) return [];
  const named = getOption(field, personal_of);
  const subject = field.parent.fields.find(({ name }) => name === named);
  if (subject === undefined) throw new TypeError(`${field.parent.typeName} has no field ${named}, which personal_of names.`);
  return [{ name: field.jsonName, subject: subject.jsonName }];
}
