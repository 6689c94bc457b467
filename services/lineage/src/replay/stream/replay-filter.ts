import { DomainError } from '@cairn/kernel';

/** Prefixes; none of a kind means all. */
export interface ReplayFilter {
  readonly types: readonly string[];
  readonly streams: readonly string[];
}

const TERM = /^(type|stream):([\x21-\x2b\x2d-\x7e]{1,255})$/;
const MOST_TERMS = 32;

/**
 * `type:cairn.registry.,stream:model-version-`: events whose type begins with one of the types, in a stream that begins with one of the streams.
 * Throws INVALID_FILTER.
 */
export function parseReplayFilter(text: string): ReplayFilter {
  const terms = text.split(',');
  if (terms.length > MOST_TERMS) throw invalid(`A filter has at most ${MOST_TERMS} terms.`);
  const types: string[] = [];
  const streams: string[] = [];
  for (const term of terms) {
    const [, kind, prefix] = TERM.exec(term) ?? [];
    if (prefix === undefined) throw invalid('A filter is written as type:<beginning of a type>,stream:<beginning of a stream>.');
    (kind === 'type' ? types : streams).push(prefix);
  }
  return { types, streams };
}

export function passes({ types, streams }: ReplayFilter, event: { readonly type: string; readonly stream: string }): boolean {
  return begins(event.type, types) && begins(event.stream, streams);
}

function begins(text: string, prefixes: readonly string[]): boolean {
  return prefixes.length === 0 || prefixes.some((prefix) => text.startsWith(prefix));
}

function invalid(message: string): DomainError {
  return new DomainError('INVALID_FILTER', message, 'invalid');
}
