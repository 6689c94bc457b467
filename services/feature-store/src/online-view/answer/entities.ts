import { DomainError } from '@cairn/kernel';
import { MAX_KEY_BYTES } from '../entity-key.js';

/** Rows of one question. */
export const MAX_ROWS = 16_384;

type KeyValue = string | number | boolean;

/** Keys that a question names, column by column: `given` as they came, which is how they are echoed, `texts` as they are looked up. */
export interface Entities {
  readonly rows: number;
  readonly given: ReadonlyMap<string, readonly KeyValue[]>;
  readonly texts: ReadonlyMap<string, readonly string[]>;
}

/** Feast's `entities`: one list per key, all of the same length. None at all is one row, for views without an entity. Throws DomainError INVALID_ENTITIES. */
export function parseEntities(entities: Readonly<Record<string, unknown>>): Entities {
  const columns = Object.entries(entities);
  const given = new Map<string, readonly KeyValue[]>();
  for (const [name, values] of columns) {
    if (!Array.isArray(values)) throw invalid(`Entity ${shortened(name)} needs a list of keys.`);
    if (values.length > MAX_ROWS) throw invalid(`Entity ${shortened(name)} has ${values.length} keys; a question may have ${MAX_ROWS}.`);
    const wrong = values.findIndex((value) => !isKeyValue(value));
    if (wrong !== -1)
      throw invalid(
        `Key ${wrong} of entity ${shortened(name)} is none: keys are texts of up to ${MAX_KEY_BYTES} characters, whole numbers below 2^53 (larger ones as text) and booleans.`,
      );
    given.set(name, values as KeyValue[]);
  }
  const lengths = new Set([...given.values()].map(({ length }) => length));
  if (lengths.size > 1) throw invalid(`The entities differ in their number of keys: ${[...lengths].join(', ')}.`);
  const [rows = 1] = lengths;
  return { rows, given, texts: new Map([...given].map(([name, values]) => [name, values.map(String)])) };
}

function isKeyValue(value: unknown): value is KeyValue {
  if (typeof value === 'string') return value.length <= MAX_KEY_BYTES;
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isSafeInteger(value));
}

function invalid(message: string): DomainError {
  return new DomainError('INVALID_ENTITIES', message, 'invalid');
}

function shortened(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}
