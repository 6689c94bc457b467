import { TabularError } from '../errors.js';
import type { Workbench } from '../engine/workbench.js';
import { assertScalar, parseProbe } from './expression.js';
import { embed } from './quote.js';
import { describeTable, type Column } from '../shape/describe.js';

/** What an expression's value must be fit for. A date counts as a time. */
export type ExpressionUse = 'number' | 'time' | 'any';

export interface UserExpression {
  readonly sql: string;
  readonly use: ExpressionUse;
}

const BOUNDS = { maxRows: 1_000, maxBytes: 4_000_000 };
const FITS: Record<ExpressionUse, RegExp> = {
  number: /^(BOOLEAN|U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|U?HUGEINT|FLOAT|DOUBLE|DECIMAL\(.*\))$/,
  time: /^(DATE|TIMESTAMP.*)$/,
  any: /.*/,
};

/**
 * Checks that every expression is one scalar expression over the columns of the files, and of a type that its use can take.
 * Answers the SQL types, in order. INVALID_EXPRESSION names the first that is not.
 */
export async function resolveExpressions(bench: Workbench, paths: readonly string[], expressions: readonly UserExpression[]): Promise<string[]> {
  if (expressions.length === 0) return [];
  const { columns } = await describeTable(bench, paths);
  await assertAllScalar(bench, expressions, columns);
  const types: string[] = [];
  const list = expressions.map(({ sql }, index) => `${embed(sql)} AS c${index}`).join(', ');
  const described = await bench
    .run({ rows: { paths } }, [{ sql: `SELECT column_type FROM (DESCRIBE SELECT ${list} FROM rows)` }], BOUNDS)
    .catch((error: unknown) => {
      throw new TabularError('INVALID_EXPRESSION', `An expression does not fit the columns it names: ${engineWords(error)}`, { cause: error });
    });
  for (const [index, { sql, use }] of expressions.entries()) {
    const type = String(described[index]?.['column_type']);
    if (!FITS[use].test(type)) throw new TabularError('INVALID_EXPRESSION', `Expression ${JSON.stringify(sql)} gives ${type}, not a ${use}.`);
    types.push(type);
  }
  return types;
}

async function assertAllScalar(bench: Workbench, expressions: readonly UserExpression[], columns: readonly Column[]): Promise<void> {
  const list = expressions.map((_, index) => `json_serialize_sql($${index + 1}::VARCHAR)::VARCHAR AS t${index}`).join(', ');
  const [trees] = await bench.run({}, [{ sql: `SELECT ${list}`, params: expressions.map(({ sql }) => parseProbe(sql)) }], BOUNDS);
  const names = columns.map(({ name }) => name);
  for (const [index, { sql }] of expressions.entries()) assertScalar(sql, String(trees?.[`t${index}`]), names);
}

/** The engine's message without the statement it quotes, which is ours and not the caller's. */
function engineWords(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
  return cause.split('\n')[0] ?? '';
}
