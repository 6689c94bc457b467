import type { Refusal, RefusalKind } from '@cairn/kernel';

export type Code = 'NO_ENTITIES' | 'OLDER_MOMENT';

export const refusals: Readonly<Record<Code, RefusalKind>> = {
  NO_ENTITIES: 'unmet',
  OLDER_MOMENT: 'conflict',
};

export const refuse = (refused: Code, message: string): Refusal<Code> => ({ refused, message });
