import { TabularError } from '../errors.js';
import { SCALAR_FUNCTIONS } from './scalar-functions.js';

const MAX_CHARS = 4_000;
/** Node classes of the engine's parse tree that stand for one value computed from one row. */
const SCALAR_CLASSES: ReadonlySet<string> = new Set([
  'BETWEEN', 'CASE', 'CAST', 'COLUMN_REF', 'COMPARISON', 'CONJUNCTION', 'CONSTANT', 'FUNCTION', 'OPERATOR',
]);

interface TreeNode {
  readonly [field: string]: unknown;
}

/** What is put before the engine's parser, so that the text cannot be more than one item of a select list. */
export function parseProbe(expression: string): string {
  return `SELECT (${expression}\n)`;
}

/**
 * Takes the engine's parse tree of `parseProbe(expression)` (`json_serialize_sql`) and refuses whatever is not one scalar expression over `columns`:
 * no second item, FROM, subquery, aggregate, window, lambda, parameter, and no function outside the list.
 */
export function assertScalar(expression: string, tree: string, columns: readonly string[]): void {
  const refuse = (why: string): never => {
    throw new TabularError('INVALID_EXPRESSION', `Expression ${JSON.stringify(shorten(expression))} ${why}.`);
  };
  if (expression.length > MAX_CHARS) refuse(`is longer than ${MAX_CHARS} characters`);
  const parsed = JSON.parse(tree) as TreeNode;
  if (parsed['error'] === true) refuse(`cannot be parsed: ${String(parsed['error_message'])}`);
  const statements = nodes(parsed['statements']);
  const select = nodes([statements[0]?.['node']])[0];
  const list = nodes(select?.['select_list']);
  if (statements.length !== 1 || select?.['type'] !== 'SELECT_NODE' || list.length !== 1) refuse('is not one expression');
  if (!isBare(select ?? {})) refuse('is more than an expression');
  const known = new Set(columns.map((column) => column.toLowerCase()));
  for (const node of list.flatMap(expressionNodes)) {
    const kind = String(node['class']);
    if (!SCALAR_CLASSES.has(kind)) refuse(`may not contain ${describe(kind)}`);
    if (kind === 'FUNCTION') checkFunction(node, refuse);
    if (kind === 'COLUMN_REF') checkColumn(node, known, refuse);
  }
}

function checkFunction(node: TreeNode, refuse: (why: string) => never): void {
  const name = String(node['function_name']).toLowerCase();
  const schema = String(node['schema'] ?? '');
  if (!SCALAR_FUNCTIONS.has(name) || !['', 'main'].includes(schema)) refuse(`may not use the function ${name}`);
  if (node['distinct'] === true || node['filter'] !== null) refuse('may not aggregate');
}

function checkColumn(node: TreeNode, known: ReadonlySet<string>, refuse: (why: string) => never): void {
  const path = node['column_names'];
  const name = Array.isArray(path) && path.length === 1 ? String(path[0]) : undefined;
  if (name === undefined) refuse('must name columns by their bare names');
  else if (!known.has(name.toLowerCase())) refuse(`names an unknown column, ${name}`);
}

/** A select without FROM, WHERE, grouping, ordering, CTE, or sampling. */
function isBare(select: TreeNode): boolean {
  const from = select['from_table'] as TreeNode | undefined;
  const ctes = (select['cte_map'] as TreeNode | undefined)?.['map'];
  const absent = ['where_clause', 'having', 'sample', 'qualify'].every((field) => select[field] === null);
  const empty = [select['modifiers'], select['group_expressions'], ctes].every((value) => Array.isArray(value) && value.length === 0);
  return from?.['type'] === 'EMPTY' && absent && empty;
}

/** The node and everything below it that is an expression, wherever the parser hangs it. */
function expressionNodes(node: TreeNode): TreeNode[] {
  const found: TreeNode[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === 'object' && value !== null) {
      const candidate = value as TreeNode;
      if (typeof candidate['class'] === 'string') found.push(candidate);
      // A constant's value may be any JSON; nothing in it is an expression.
      if (candidate['class'] !== 'CONSTANT') Object.values(candidate).forEach(visit);
    }
  };
  visit(node);
  return found;
}

function nodes(value: unknown): TreeNode[] {
  return Array.isArray(value) ? value.filter((item): item is TreeNode => typeof item === 'object' && item !== null) : [];
}

function describe(kind: string): string {
  return `a ${kind.toLowerCase().replaceAll('_', ' ')}`;
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
