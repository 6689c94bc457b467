import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'INVALID_RESOURCES';

export const refusals: Readonly<Record<Code, RefusalKind>> = { INVALID_RESOURCES: 'invalid' };

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
