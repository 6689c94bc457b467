import type { RefusalKind } from '@cairn/kernel';

/** A statement about known content is never refused; how many there are is bounded. */
export type Code = 'TOO_MANY_STATEMENTS';

export const refusals: Readonly<Record<Code, RefusalKind>> = { TOO_MANY_STATEMENTS: 'unmet' };
