/** SHA-256 of a token, 64 hex digits → principal. The tokens themselves are in no file and in no memory of ours. */
export type TokenTable = ReadonlyMap<string, string>;

/**
 * One `<sha256 of the token, hex> <principal>` per line; `#` begins a comment. Answers the table, or what is wrong with each line.
 */
export function parseTokens(text: string): { readonly tokens: TokenTable; readonly problems: readonly string[] } {
  const tokens = new Map<string, string>();
  const problems: string[] = [];
  text.split('\n').forEach((line, index) => {
    const content = line.replace(/#.*$/, '').trim();
    if (content === '') return;
    const match = /^([0-9a-fA-F]{64})\s+(\S{1,200})$/.exec(content);
    const [, hash, principal] = match ?? [];
    if (hash === undefined || principal === undefined) problems.push(`line ${index + 1} is not "<sha256 of the token> <principal>"`);
    else if (tokens.has(hash.toLowerCase())) problems.push(`line ${index + 1} repeats a token`);
    else tokens.set(hash.toLowerCase(), principal);
  });
  if (tokens.size === 0 && problems.length === 0) problems.push('it names no token');
  return { tokens, problems };
}
