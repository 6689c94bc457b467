import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'VERSION_EXISTS' | 'VERSION_NOT_FOUND' | 'CONTRACT_NOT_CHECKED' | 'CONTRACT_VIOLATED';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  VERSION_EXISTS: 'conflict',
  VERSION_NOT_FOUND: 'missing',
  CONTRACT_NOT_CHECKED: 'unmet',
  CONTRACT_VIOLATED: 'unmet',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
