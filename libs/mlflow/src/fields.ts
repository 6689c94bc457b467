import { invalidParameter } from './mlflow-error.js';

const SEE_DOCS = 'See the API docs for more information about request parameters.';
/** Clients see these in messages; a long value says no more than its beginning. */
const SHOWN_LENGTH = 100;
/** 32 bits, signed. */
const MAX_VERSION = 2_147_483_647;

/**
 * Reads a request of MLflow's REST API: a JSON body or a query, field by field, in MLflow's own words when something is wrong. Fields that it is not asked
 * for are ignored, as MLflow does: newer clients send more.
 */
export class Fields {
  private readonly source: Readonly<Record<string, unknown>>;

  constructor(source: unknown) {
    this.source = isRecord(source) ? source : {};
  }

  /** Of the given names, which mean the same, the first that is there; e.g. `run_id` and the older `run_uuid`. */
  text(...names: readonly [string, ...string[]]): string {
    for (const name of names) {
      const value = this.optionalText(name);
      if (value !== undefined && value !== '') return value;
    }
    throw missing(names[0]);
  }

  /** Present, perhaps empty. */
  presentText(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw missing(name);
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.source[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
    if (typeof value !== 'string') throw wrongType(name, value);
    return storable(name, value);
  }

  /** A number, or one of the strings with which JSON carries what it has no number for. */
  double(name: string): number {
    const value = this.source[name];
    if (value === undefined || value === null) throw missing(name);
    if (typeof value === 'number') return value;
    if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
    throw wrongType(name, value);
  }

  /** A 64-bit integer that JSON can carry both ways, as number or as text. */
  integer(name: string): number {
    const value = this.optionalInteger(name);
    if (value === undefined) throw missing(name);
    return value;
  }

  optionalInteger(name: string): number | undefined {
    const value = this.source[name];
    if (value === undefined || value === null) return undefined;
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw wrongType(name, value);
    return number;
  }

  /** Number of a model version, which a table can hold. */
  version(name: string): number {
    const value = this.integer(name);
    if (value < 0 || value > MAX_VERSION) throw wrongType(name, value);
    return value;
  }

  /** A query carries it as text. */
  optionalFlag(name: string): boolean | undefined {
    const value = this.source[name];
    if (value === undefined || value === null) return undefined;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw wrongType(name, value);
  }

  /** Absent means empty. A query carries a list of one as the item alone. */
  texts(name: string): string[] {
    const value = this.source[name];
    if (value === undefined || value === null) return [];
    return (Array.isArray(value) ? value : [value]).map((item) => {
      if (typeof item === 'number') return String(item);
      if (typeof item !== 'string') throw wrongType(name, item);
      return storable(name, item);
    });
  }

  /** Objects of a list; absent means none. */
  list(name: string): Fields[] {
    const value = this.source[name];
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value) || !value.every(isRecord)) throw wrongType(name, value);
    return value.map((item) => new Fields(item));
  }

  optionalInner(name: string): Fields | undefined {
    const value = this.source[name];
    if (value === undefined || value === null) return undefined;
    if (!isRecord(value)) throw wrongType(name, value);
    return new Fields(value);
  }

  /** An object inside; absent means that all its fields are absent. */
  inner(name: string): Fields {
    return new Fields(this.source[name]);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** PostgreSQL has no place for NUL, and half a surrogate pair is no text: neither may get into an event. */
function storable(name: string, text: string): string {
  if (text.includes('\0') || /\p{Surrogate}/u.test(text)) throw invalidParameter(`Invalid value for parameter '${name}' supplied: it holds a character that is no text.`);
  return text;
}

function missing(name: string): Error {
  return invalidParameter(`Missing value for required parameter '${name}'. ${SEE_DOCS}`);
}

function wrongType(name: string, value: unknown): Error {
  const shown = (JSON.stringify(value) ?? String(value)).slice(0, SHOWN_LENGTH);
  const type = Array.isArray(value) ? 'list' : typeof value === 'string' ? 'str' : typeof value === 'number' ? 'float' : typeof value;
  return invalidParameter(`Invalid value ${shown} for parameter '${name}' supplied:  Hint: Value was of type '${type}'. ${SEE_DOCS}`);
}
