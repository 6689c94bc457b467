import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code =
  | 'TRACE_NOT_FOUND'
  | 'TRACE_DELETED'
  | 'INVALID_TRACE_STATE'
  | 'TOO_MANY_TRACE_TAGS'
  | 'TAG_NOT_FOUND'
  | 'ASSESSMENT_NOT_FOUND'
  | 'ASSESSMENT_EXISTS'
  | 'ASSESSMENT_TOO_LARGE'
  | 'INVALID_ASSESSMENT'
  | 'TOO_MANY_ASSESSMENTS'
  | 'TOO_MANY_LINKS'
  | 'TOO_MANY_ARTIFACTS';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  TRACE_NOT_FOUND: 'missing',
  TRACE_DELETED: 'missing',
  INVALID_TRACE_STATE: 'invalid',
  TOO_MANY_TRACE_TAGS: 'invalid',
  TAG_NOT_FOUND: 'missing',
  ASSESSMENT_NOT_FOUND: 'missing',
  ASSESSMENT_EXISTS: 'invalid',
  ASSESSMENT_TOO_LARGE: 'invalid',
  INVALID_ASSESSMENT: 'invalid',
  TOO_MANY_ASSESSMENTS: 'invalid',
  TOO_MANY_LINKS: 'invalid',
  TOO_MANY_ARTIFACTS: 'invalid',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
