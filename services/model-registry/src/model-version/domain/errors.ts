import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'VERSION_NOT_FOUND' | 'VERSION_EXISTS' | 'INVALID_SOURCE' | 'APPROVER_IS_AUTHOR' | 'APPROVAL_NOT_PERSONAL' | 'INVALID_MEASUREMENT';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  VERSION_NOT_FOUND: 'missing',
  VERSION_EXISTS: 'conflict',
  INVALID_SOURCE: 'invalid',
  APPROVER_IS_AUTHOR: 'forbidden',
  APPROVAL_NOT_PERSONAL: 'forbidden',
  INVALID_MEASUREMENT: 'invalid',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
