import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'INVALID_PRICE_LIST';

export const refusals: Readonly<Record<Code, RefusalKind>> = { INVALID_PRICE_LIST: 'invalid' };

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
