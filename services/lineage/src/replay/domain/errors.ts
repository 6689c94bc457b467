import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'INVALID_DIGEST';

export const refusals: Readonly<Record<Code, RefusalKind>> = { INVALID_DIGEST: 'invalid' };

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
