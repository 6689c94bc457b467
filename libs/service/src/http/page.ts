import { DomainError } from '@cairn/kernel';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Absent on the last page. */
  readonly next_page_token?: string;
}

/**
 * Cuts the page from `limit + 1` rows: the row too many says that there is more. `keyOf` gives the sort key of a row, which the next page begins after.
 */
export function pageOf<Row, Item>(rows: readonly Row[], limit: number, toItem: (row: Row) => Item, keyOf: (row: Row) => string): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: shown.map(toItem), ...(more && { next_page_token: Buffer.from(keyOf(last)).toString('base64url') }) };
}

/** The key that a page token stands for. Tokens are opaque to callers, not secret. */
export function keyOfToken(token: string | undefined): string | undefined {
  if (token === undefined || token === '') return undefined;
  const key = Buffer.from(token, 'base64url').toString('utf8');
  if (Buffer.from(key).toString('base64url') !== token) throw new DomainError('INVALID_PAGE_TOKEN', 'This page token was not given out by this list.', 'invalid');
  return key;
}
