import { EmbeddedActionsParser, type IToken } from 'chevrotain';
import { tokens } from './filter-tokens.js';

export type Comparator = '=' | '!=' | '>' | '>=' | '<' | '<=' | 'LIKE' | 'ILIKE' | 'RLIKE' | 'IN' | 'NOT IN' | 'IS NULL' | 'IS NOT NULL';

export type FilterValue = string | number | readonly (string | number)[];

/** One condition as it is written. What its parts mean is for whoever searches to say. */
export interface Condition {
  /** What stands before the first dot, e.g. `metrics`; empty for a bare name. */
  readonly entity: string;
  readonly key: string;
  readonly comparator: Comparator;
  readonly value: FilterValue;
}

/** condition { AND condition }; a condition is key, comparator and a literal or, for IN, a list of literals, or, for IS NULL, nothing: its value is ''. */
export class FilterParser extends EmbeddedActionsParser {
  constructor() {
    super(tokens, { maxLookahead: 2 });
    this.performSelfAnalysis();
  }

  readonly filter = this.RULE('filter', (): Condition[] => {
    const conditions = [this.SUBRULE(this.condition)];
    this.MANY(() => {
      this.CONSUME(tokens.and);
      conditions.push(this.SUBRULE2(this.condition));
    });
    return conditions;
  });

  private readonly condition = this.RULE('condition', (): Condition => {
    const key = this.SUBRULE(this.key);
    return this.OR<Condition>([
      {
        ALT: () => {
          const comparator = this.CONSUME(tokens.comparator).image;
          return { ...key, comparator: (comparator === '<>' ? '!=' : comparator) as Comparator, value: this.SUBRULE(this.literal) };
        },
      },
      { ALT: () => (this.CONSUME(tokens.like), { ...key, comparator: 'LIKE', value: this.SUBRULE2(this.literal) }) },
      { ALT: () => (this.CONSUME(tokens.ilike), { ...key, comparator: 'ILIKE', value: this.SUBRULE3(this.literal) }) },
      { ALT: () => (this.CONSUME(tokens.rlike), { ...key, comparator: 'RLIKE', value: this.SUBRULE4(this.literal) }) },
      { ALT: () => ({ ...key, comparator: this.SUBRULE(this.absence), value: '' }) },
      { ALT: () => (this.CONSUME(tokens.in), { ...key, comparator: 'IN', value: this.SUBRULE(this.list) }) },
      { ALT: () => (this.CONSUME(tokens.not), this.CONSUME2(tokens.in), { ...key, comparator: 'NOT IN', value: this.SUBRULE2(this.list) }) },
    ]);
  });

  private readonly absence = this.RULE('absence', (): Comparator => {
    this.CONSUME(tokens.is);
    const negated = this.OPTION(() => this.CONSUME(tokens.not));
    this.CONSUME(tokens.null);
    return negated === undefined ? 'IS NULL' : 'IS NOT NULL';
  });

  /** The first dot ends the entity; later ones belong to the key. */
  private readonly key = this.RULE('key', (): { entity: string; key: string } => {
    const parts = [this.SUBRULE(this.name)];
    this.MANY(() => {
      this.CONSUME(tokens.dot);
      parts.push(this.SUBRULE2(this.name));
    });
    // Chevrotain first runs every rule on stand-ins to learn the grammar; those are no texts.
    return this.ACTION(() => {
      const [first = '', ...rest] = parts;
      return rest.length === 0 ? { entity: '', key: first } : { entity: first.toLowerCase(), key: rest.join('.') };
    });
  });

  private readonly name = this.RULE('name', (): string =>
    this.OR<string>([
      { ALT: () => this.CONSUME(tokens.word).image },
      { ALT: () => this.CONSUME(tokens.number).image },
      { ALT: () => inner(this.CONSUME(tokens.doubleQuoted)) },
      { ALT: () => inner(this.CONSUME(tokens.ticked)) },
    ]),
  );

  private readonly literal = this.RULE('literal', (): string | number =>
    this.OR<string | number>([
      { ALT: () => inner(this.CONSUME(tokens.singleQuoted)) },
      { ALT: () => inner(this.CONSUME(tokens.doubleQuoted)) },
      { ALT: () => Number(this.CONSUME(tokens.number).image) },
    ]),
  );

  private readonly list = this.RULE('list', (): (string | number)[] => {
    const values: (string | number)[] = [];
    this.CONSUME(tokens.open);
    this.AT_LEAST_ONE_SEP({ SEP: tokens.comma, DEF: () => values.push(this.SUBRULE(this.literal)) });
    this.CONSUME(tokens.close);
    return values;
  });
}

/** Without its quotes; two of them inside stand for one. */
function inner({ image }: IToken): string {
  const quote = image.charAt(0);
  return image.slice(1, -1).replaceAll(quote + quote, quote);
}
