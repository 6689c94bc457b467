import { createHash, timingSafeEqual } from 'node:crypto';
import { DomainError } from '@cairn/kernel';
import type { TokenTable } from '../config/tokens-file.js';

/** The principal of everybody while no tokens are configured; then only this machine reaches the port. */
export const LOCAL_PRINCIPAL = 'local';

/**
 * Principal of an Authorization header. `Bearer <token>`, or `Basic` with the token as password for clients that know nothing else.
 * Throws DomainError UNAUTHENTICATED.
 */
export function authenticate(header: string | undefined, tokens: TokenTable | undefined): string {
  if (tokens === undefined) return LOCAL_PRINCIPAL;
  const presented = createHash('sha256').update(tokenOf(header) ?? '').digest();
  let principal: string | undefined;
  // Every entry is compared, and each in constant time: how long it takes tells nothing about the table.
  for (const [hash, name] of tokens) {
    if (timingSafeEqual(presented, Buffer.from(hash, 'hex'))) principal = name;
  }
  if (principal === undefined) throw new DomainError('UNAUTHENTICATED', 'A valid token is needed: Authorization: Bearer <token>.', 'unauthenticated');
  return principal;
}

function tokenOf(header: string | undefined): string | undefined {
  const [scheme, credentials] = header?.split(' ', 2) ?? [];
  if (credentials === undefined) return undefined;
  if (scheme?.toLowerCase() === 'bearer') return credentials;
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  const decoded = Buffer.from(credentials, 'base64').toString('utf8');
  return decoded.slice(decoded.indexOf(':') + 1);
}
