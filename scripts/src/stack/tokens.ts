import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { serviceNames } from './parts.js';

/** Principal → token. */
export type Tokens = Readonly<Record<string, string>>;

/**
 * The tokens of a data directory, in `tokens.json` (0600): those that are there, and new ones for principals that have none yet. Kept over
 * restarts and `--fresh`, so that clients stay logged in.
 */
export function keepTokens(dataDir: string, principals: readonly string[]): { readonly tokens: Tokens; readonly file: string } {
  const file = join(dataDir, 'tokens.json');
  const known = existsSync(file) ? parse(readFileSync(file, 'utf8'), file) : {};
  const tokens = { ...Object.fromEntries(principals.map((principal) => [principal, newToken()])), ...known };
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(tokens, undefined, 2)}\n`, { mode: 0o600 });
  return { tokens, file };
}

/** Every service speaks for itself, so each has a token; one that nobody named gets it for this run only. */
export function withServices(tokens: Tokens): Tokens {
  return { ...Object.fromEntries(serviceNames.map((name) => [name, newToken()])), ...tokens };
}

/** What services read: hashes only. */
export function tokensFileText(tokens: Tokens): string {
  return Object.entries(tokens)
    .map(([principal, token]) => `${createHash('sha256').update(token).digest('hex')} ${principal}\n`)
    .join('');
}

function newToken(): string {
  return randomBytes(24).toString('base64url');
}

function parse(text: string, file: string): Tokens {
  const value: unknown = JSON.parse(text);
  const isTable = typeof value === 'object' && value !== null && Object.values(value).every((token) => typeof token === 'string' && token !== '');
  if (!isTable) throw new TypeError(`${file} is not a JSON object of principals and tokens. Mend or remove it.`);
  return value as Tokens;
}
