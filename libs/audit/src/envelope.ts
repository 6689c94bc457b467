/** Deeper data was never appended; the recursion must not exhaust the stack. */
const MAX_DEPTH = 130;
/** How JSON.stringify writes a lone surrogate; a backslash that is itself escaped is none. RFC 8785 §3.2.2.2 has no form for it. */
const LONE_SURROGATE = /(?:^|[^\\])(?:\\\\)*\\ud[89a-f]/;
const REVISION = /^(0|[1-9]\d{0,18})$/;
const TEXTS = ['actor', 'correlationid', 'id', 'source', 'subject', 'time', 'type', 'workspace'] as const;

/** What a verifier has to know of an event: its stream, and its place in it. */
export interface Envelope {
  readonly subject: string;
  readonly revision: bigint;
}

/** The envelope of an entry, or a sentence on why it is none. Canonical means RFC 8785: there is one way to write each event, so that a copy can be compared byte by byte. */
export function readEnvelope(body: string): Envelope | string {
  let value: unknown;
  try {
    value = JSON.parse(body);
    if (canonical(value, 0) !== body || LONE_SURROGATE.test(body)) return 'It is not canonical JSON.';
  } catch {
    return 'It is not canonical JSON.';
  }
  const fields = Object(value) as Record<string, unknown>;
  const { data, subject, revision, specversion } = fields;
  if (TEXTS.some((name) => typeof fields[name] !== 'string') || specversion !== '1.0' || typeof data !== 'object' || data === null || Array.isArray(data)) {
    return 'It is not the envelope of an event.';
  }
  if (typeof subject !== 'string' || typeof revision !== 'string' || !REVISION.test(revision)) return 'It is not the envelope of an event.';
  return { subject, revision: BigInt(revision) };
}

/** Follows the revisions of all streams: they begin at 0 when the log is read from its first event, and have no gap. Memory: a number per stream. */
export class StreamRevisions {
  private readonly next = new Map<string, bigint>();

  constructor(private readonly fromTheFirst: boolean) {}

  /** Undefined when the revision follows, or a sentence on what it should have been. */
  check({ subject, revision }: Envelope): string | undefined {
    const expected = this.next.get(subject) ?? (this.fromTheFirst ? 0n : revision);
    this.next.set(subject, revision + 1n);
    return revision === expected ? undefined : `It is revision ${revision} of ${subject}, where revision ${expected} follows.`;
  }
}

/** The engine writes numbers and texts as RFC 8785 wants them; the order of the keys is by UTF-16 unit, as sort() has it. */
function canonical(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw new RangeError('too deep');
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(',')}]`;
  const fields = value as Record<string, unknown>;
  const members = Object.keys(fields).sort().map((name) => `${JSON.stringify(name)}:${canonical(fields[name], depth + 1)}`);
  return `{${members.join(',')}}`;
}
