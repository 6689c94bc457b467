/** What means something in CommonMark, in GitHub's tables, mentions, autolinks and formulas, or in HTML. */
const SPECIAL = /[\\`*_{}[\]<>#|~!@$=]|:(?=\/\/)|(?<=mailto|xmpp):/gi;
/** Would turn text around, or hide in it. */
const INVISIBLE = /[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g;
const ENTITIES: ReadonlyMap<string, string> = new Map([['<', '&lt;'], ['>', '&gt;']]);
const MAX_LENGTH = 1_000;

/** Somebody's text within a line of Markdown: it stays on its line, starts nothing and links nowhere. Cut to 1,000 characters. */
export function escaped(text: string | number): string {
  const line = String(text).replace(/[\p{Cc}\s]+/gu, ' ').replace(INVISIBLE, '').trim();
  const cut = line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
  const quiet = cut.replace(/&/g, '&amp;').replace(SPECIAL, (sign) => ENTITIES.get(sign) ?? `\\${sign}`);
  return quiet.replace(/www\./gi, (start) => `${start.slice(0, 3)}\\.`);
}

/** Somebody's text of several lines, as a quotation; nothing for an empty one. */
export function quoted(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/).map((line) => escaped(line).replace(/^(\d+)([.)])/, '$1\\$2').replace(/^([-+])/, '\\$1'));
  return text.trim() === '' ? [] : lines.map((line) => `> ${line}`.trimEnd());
}
