import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'DUPLICATE_COLUMN' | 'RESERVED_COLUMN' | 'JOIN_COLUMNS_MISMATCH';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  DUPLICATE_COLUMN: 'invalid',
  RESERVED_COLUMN: 'invalid',
  JOIN_COLUMNS_MISMATCH: 'invalid',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
