import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'JOB_EXISTS' | 'JOB_NOT_FOUND' | 'JOB_NOT_QUEUED' | 'ATTEMPT_NOT_RUNNING' | 'JOB_ENDED' | 'INVALID_JOB_SPEC';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  JOB_EXISTS: 'conflict',
  JOB_NOT_FOUND: 'missing',
  JOB_NOT_QUEUED: 'conflict',
  ATTEMPT_NOT_RUNNING: 'conflict',
  JOB_ENDED: 'conflict',
  INVALID_JOB_SPEC: 'invalid',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
