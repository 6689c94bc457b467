import type { CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, MlflowFilter } from '@cairn/mlflow';
import { Meta, type FastifyRequest } from '@cairn/service';
import { Body, Controller, HttpCode, Inject, Post, Req, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { execute, isListType, type GraphQLFieldResolver } from 'graphql';
import { parseQuery } from './parse-query.js';
import { Questions, type Asking } from './questions.js';
import { schema } from './schema.js';

/** What MLflow's web pages read by GraphQL. What does not follow the schema is a 400 in the shape that all of MLflow's routes give to errors. */
@ApiExcludeController()
@UseFilters(MlflowFilter)
@Controller()
export class GraphqlController {
  constructor(@Inject(Questions) private readonly questions: Questions) {}

  @Post('graphql')
  @HttpCode(200)
  async answer(@Body() body: unknown, @Meta() meta: CommandMeta, @Req() request: FastifyRequest): Promise<object> {
    const contextValue: Asking = { meta, request };
    const { data, errors = [] } = await execute({
      schema,
      document: parseQuery(new Fields(body)),
      rootValue: this.questions.root,
      contextValue,
      variableValues: variablesOf(body),
      fieldResolver: resolveField,
    });
    const [problem] = errors;
    // Nothing was asked yet: the variables are wrong.
    if (problem !== undefined && data === undefined) throw invalidParameter(problem.message);
    if (problem !== undefined) throw problem.originalError ?? problem;
    return { data };
  }
}

/** Fields have the names of the REST API but for their case. As with MLflow, NaN is no value here, and an infinity the greatest number. */
const resolveField: GraphQLFieldResolver<unknown, Asking> = (source, args, asking, { fieldName, returnType }) => {
  const fields = source as Readonly<Record<string, unknown>>;
  const value = fields[fieldName] ?? fields[fieldName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
  if (typeof value === 'function') return (value as (args: unknown, asking: Asking) => unknown)(args, asking);
  if (String(returnType) === 'Float') return finite(value);
  // What REST leaves out when it is empty, the pages expect as an empty list.
  if (isListType(returnType)) return value ?? [];
  return String(returnType) === 'LongString' && typeof value === 'number' ? String(value) : value;
};

function finite(value: unknown): number | null {
  if (value === 'Infinity') return Number.MAX_VALUE;
  if (value === '-Infinity') return -Number.MAX_VALUE;
  return typeof value === 'number' ? value : null;
}

function variablesOf(body: unknown): { readonly [name: string]: unknown } {
  const { variables } = (typeof body === 'object' && body !== null ? body : {}) as { readonly variables?: unknown };
  return typeof variables === 'object' && variables !== null && !Array.isArray(variables) ? (variables as { readonly [name: string]: unknown }) : {};
}
