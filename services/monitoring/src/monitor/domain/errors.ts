import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'MONITOR_EXISTS' | 'MONITOR_NOT_FOUND' | 'INVALID_THRESHOLDS';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  MONITOR_EXISTS: 'conflict',
  MONITOR_NOT_FOUND: 'missing',
  INVALID_THRESHOLDS: 'invalid',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
