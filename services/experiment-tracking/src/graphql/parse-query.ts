import { Fields, invalidParameter } from '@cairn/mlflow';
import { GraphQLError, Kind, OperationTypeNode, parse, validate, visit, type DocumentNode } from 'graphql';
import { schema } from './schema.js';

const MAX_TOKENS = 1_000;
/** MLflow's own limit. */
const MAX_DEPTH = 10;

/**
 * One read-only operation that the schema knows, with bounded cost: no field is asked for twice under another name, and nothing is nested by reference, so a
 * question costs no more than all fields of the schema. Throws INVALID_PARAMETER_VALUE, with what to leave out.
 */
export function parseQuery(fields: Fields): DocumentNode {
  const document = parsed(fields.text('query'));
  const [operation, ...others] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION || others.length > 0) {
    throw invalidParameter('A request has one operation, and fragments are not supported: write their fields out.');
  }
  if (operation.operation !== OperationTypeNode.QUERY) throw invalidParameter(`A ${operation.operation} is not supported: here is only read; changes go over REST.`);
  if (operation.selectionSet.selections.length > 1) throw invalidParameter('A request asks one question: send a request for each.');
  refuseCostly(document);
  const [problem] = validate(schema, document, undefined, { maxErrors: 1 });
  if (problem !== undefined) throw invalidParameter(problem.message);
  return document;
}

function parsed(text: string): DocumentNode {
  try {
    return parse(text, { maxTokens: MAX_TOKENS, noLocation: true });
  } catch (error) {
    if (error instanceof GraphQLError) throw invalidParameter(error.message);
    throw error;
  }
}

function refuseCostly(document: DocumentNode): void {
  let depth = 0;
  visit(document, {
    Field: {
      enter: ({ name, alias }) => {
        depth += 1;
        if (depth > MAX_DEPTH) throw invalidParameter(`The query nests deeper than ${MAX_DEPTH} fields.`);
        if (alias !== undefined) throw invalidParameter(`The alias '${alias.value}' is not supported: ask for '${name.value}'.`);
        if (name.value.startsWith('__') && name.value !== '__typename') throw invalidParameter('The schema is not told: it is MLflow’s, as far as its pages use it.');
      },
      leave: () => {
        depth -= 1;
      },
    },
  });
}
