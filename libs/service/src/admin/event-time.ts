import { DomainError } from '@cairn/kernel';

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.(\d{1,9}))?(?:Z|[+-]\d{2}:\d{2})$/;

/** Any RFC 3339 time in the form in which events carry theirs: UTC with six digits. Throws INVALID_TIME. */
export function eventTime(text: string): string {
  const [, fraction] = RFC3339.exec(text) ?? [];
  const instant = RFC3339.test(text) ? new Date(text) : undefined;
  if (instant === undefined || Number.isNaN(instant.getTime())) {
    throw new DomainError('INVALID_TIME', 'A time is written as RFC 3339, e.g. 2026-01-31T12:00:00Z.', 'invalid');
  }
  return `${instant.toISOString().slice(0, 19)}.${(fraction ?? '').padEnd(6, '0').slice(0, 6)}Z`;
}
