import type { Refusal } from '@cairn/kernel';
import { refuse, type Code } from './errors.js';

const ALIAS = /^[\w-]{1,255}$/;
// MLflow reads `latest` and `v12` as something else than an alias.
const RESERVED_ALIAS = /^(latest|v\d+)$/i;

export function refuseAlias(alias: string): Refusal<Code> | undefined {
  if (ALIAS.test(alias) && !RESERVED_ALIAS.test(alias)) return undefined;
  return refuse('INVALID_ALIAS', `"${alias}" can't be an alias: letters, digits, "_" and "-" make one, but not "latest" or "v" and a number.`);
}
