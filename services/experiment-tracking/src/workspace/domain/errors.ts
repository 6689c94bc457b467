import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'WORKSPACE_NOT_FOUND' | 'WORKSPACE_EXISTS' | 'INVALID_DESCRIPTION';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  WORKSPACE_NOT_FOUND: 'missing',
  WORKSPACE_EXISTS: 'conflict',
  INVALID_DESCRIPTION: 'invalid',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
