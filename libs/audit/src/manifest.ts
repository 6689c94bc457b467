/** Version of the layout; a reader refuses another one. */
export const BUNDLE_FORMAT = 'cairn-audit/1';

/** `bundle.json`. Nothing in it is trusted: origin and size are compared with the signed checkpoint. */
export interface Manifest {
  /** Name of the log. */
  readonly origin: string;
  /** First position. */
  readonly from: bigint;
  /** Behind the last position. */
  readonly to: bigint;
  /** Of the tree that the checkpoint commits to. */
  readonly size: bigint;
  /** RFC 3339 UTC, by the clock of whoever made the bundle. */
  readonly created: string;
}

const NUMBER = /^(0|[1-9]\d{0,18})$/;

/** Positions are strings in JSON, as everywhere. */
export function formatManifest({ origin, from, to, size, created }: Manifest): string {
  return `${JSON.stringify({ format: BUNDLE_FORMAT, origin, from: String(from), to: String(to), size: String(size), created }, undefined, 2)}\n`;
}

/** Undefined for anything that is no manifest of this version. */
export function parseManifest(text: string): Manifest | undefined {
  let fields: Record<string, unknown>;
  try {
    fields = Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { format, origin, created } = fields;
  const [from, to, size] = [fields['from'], fields['to'], fields['size']].map(positionOf);
  if (format !== BUNDLE_FORMAT || typeof origin !== 'string' || typeof created !== 'string') return undefined;
  if (from === undefined || to === undefined || size === undefined || from >= to || to > size) return undefined;
  return { origin, from, to, size, created };
}

function positionOf(value: unknown): bigint | undefined {
  return typeof value === 'string' && NUMBER.test(value) ? BigInt(value) : undefined;
}
