import type { Plain, replica } from '@cairn/contracts';
import { DomainError, type RefusalKind } from '@cairn/kernel';

const KINDS: Readonly<Record<RefusalKind, true>> = { invalid: true, unauthenticated: true, forbidden: true, missing: true, conflict: true, unmet: true, busy: true };

/** What the other side is told: what was refused and why, and of a defect nothing but that there is one. */
export function refusalOf(error: unknown): Plain<replica.Refusal> {
  if (error instanceof DomainError) return { code: error.code, kind: error.kind, message: error.message };
  return { code: 'INTERNAL_ERROR', kind: 'busy', message: 'The other side failed on it, and says in its log why.' };
}

/** What the other side threw. */
export function errorOf({ code, kind, message }: Plain<replica.Refusal>): DomainError {
  return new DomainError(code, message, isKind(kind) ? kind : 'busy');
}

function isKind(text: string): text is RefusalKind {
  return Object.hasOwn(KINDS, text);
}
