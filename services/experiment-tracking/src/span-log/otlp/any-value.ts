import type { otlp } from '@cairn/contracts';

/** JSON of a value as MLflow's clients dump it: 64-bit integers with all their digits, NaN and infinities as Python writes them, bytes as base64. */
export function jsonOfValue(value: otlp.AnyValue | undefined): string {
  const held = value?.value;
  switch (held?.case) {
    case undefined:
      return 'null';
    case 'stringValue':
      return JSON.stringify(held.value);
    case 'boolValue':
    case 'intValue':
      return String(held.value);
    case 'doubleValue':
      return Number.isFinite(held.value) ? String(held.value) : Number.isNaN(held.value) ? 'NaN' : held.value > 0 ? 'Infinity' : '-Infinity';
    case 'bytesValue':
      return JSON.stringify(Buffer.from(held.value).toString('base64'));
    case 'arrayValue':
      return `[${held.value.values.map(jsonOfValue).join(',')}]`;
    case 'kvlistValue':
      return `{${held.value.values.map(({ key, value: inner }) => `${JSON.stringify(key)}:${jsonOfValue(inner)}`).join(',')}}`;
    default: {
      const unhandled: never = held;
      return unhandled;
    }
  }
}

/** A text as it is, everything else as JSON: what a person would search for. */
export function textOfValue(value: otlp.AnyValue | undefined): string {
  return value?.value.case === 'stringValue' ? value.value.value : jsonOfValue(value);
}

/** What a table can hold: PostgreSQL has no place for NUL, and half a surrogate pair is no text. The span itself is kept as it came. */
export function storable(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replaceAll('\0', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd');
}
