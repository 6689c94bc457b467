import { createToken, Lexer, type TokenType } from 'chevrotain';

/** Keywords are words too: a key may be called `in` where it is quoted, never where it stands bare. */
const Word = createToken({ name: 'Word', pattern: /[^\s'"`=<>!(),.]+/ });
const keyword = (name: string, pattern: RegExp): TokenType => createToken({ name, pattern, longer_alt: Word });

export const tokens = {
  space: createToken({ name: 'Space', pattern: /\s+/, group: Lexer.SKIPPED }),
  and: keyword('And', /and/i),
  or: keyword('Or', /or/i),
  not: keyword('Not', /not/i),
  in: keyword('In', /in/i),
  ilike: keyword('ILike', /ilike/i),
  like: keyword('Like', /like/i),
  rlike: keyword('RLike', /rlike/i),
  is: keyword('Is', /is/i),
  null: keyword('Null', /null/i),
  comparator: createToken({ name: 'Comparator', pattern: />=|<=|!=|<>|=|>|</ }),
  number: createToken({ name: 'Number', pattern: /[+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?/i, longer_alt: Word }),
  singleQuoted: createToken({ name: 'SingleQuoted', pattern: /'(?:[^']|'')*'/, line_breaks: true }),
  doubleQuoted: createToken({ name: 'DoubleQuoted', pattern: /"(?:[^"]|"")*"/, line_breaks: true }),
  ticked: createToken({ name: 'Ticked', pattern: /`[^`]*`/, line_breaks: true }),
  open: createToken({ name: 'Open', pattern: /\(/ }),
  close: createToken({ name: 'Close', pattern: /\)/ }),
  comma: createToken({ name: 'Comma', pattern: /,/ }),
  dot: createToken({ name: 'Dot', pattern: /\./ }),
  word: Word,
};

/** The order decides where two patterns fit the same text. */
export const filterLexer = new Lexer(Object.values(tokens), { positionTracking: 'onlyOffset' });
