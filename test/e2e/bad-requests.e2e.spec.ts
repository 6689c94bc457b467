import { tempDir } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, type Launched } from './launched.js';

interface Schema {
  readonly type?: string;
  readonly $ref?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema: Schema }[];
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface BadRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

const UUID = '01a1fce1-b339-71c3-b0d0-36ba7416cc70';
/** No field is a list in a list. */
const FITS_NOWHERE = [[]];

/** Every operation that takes JSON, with bodies that cannot fit: no JSON, no object, a field that nobody defined, a required one missing, each one of a wrong type. */
function badBodies({ paths, components }: Description): BadRequest[] {
  return operations(paths).flatMap(({ method, path, operation }) => {
    const schema = operation.requestBody?.content['application/json']?.schema;
    if (schema === undefined) return [];
    const { properties = {}, required = [] } = components.schemas[schema.$ref?.split('/').at(-1) ?? ''] ?? schema;
    const bodies = ['{', '[]', '"text"', '{"nobody_defined_this":1}', ...(required.length > 0 ? ['{}'] : [])];
    const wrong = Object.keys(properties).map((name) => JSON.stringify({ [name]: FITS_NOWHERE }));
    return [...bodies, ...wrong].map((body) => ({ method, path: filled(path), body }));
  });
}

/** Every parameter of a query that is a number, with a text. */
function badQueries({ paths }: Description): BadRequest[] {
  return operations(paths).flatMap(({ method, path, operation }) =>
    (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'query' && ['integer', 'number'].includes(parameter.schema.type ?? ''))
      .map(({ name }) => ({ method, path: `${filled(path)}?${name}=many` })),
  );
}

function operations(paths: Description['paths']) {
  return Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })));
}

const filled = (path: string): string => path.replaceAll(/\{[^}]+\}/g, UUID);

describe('every service, given a request that does not fit', () => {
  let cairn: Launched;
  let description: Description;
  const logSize = async (): Promise<unknown> => (await ask({ method: 'GET', path: '/lineage/v1/log/events?from=0&limit=1000' })).body;

  async function ask({ method, path, body }: BadRequest): Promise<{ status: number; type: string; body: string }> {
    const init = body === undefined ? { method } : { method, body, headers: { 'content-type': 'application/json' } };
    const response = await fetch(`${cairn.gatewayUrl}${path}`, init);
    return { status: response.status, type: response.headers.get('content-type') ?? '', body: await response.text() };
  }

  /** What is wrong with the answers, a line each. */
  async function faults(requests: readonly BadRequest[]): Promise<string[]> {
    const found: string[] = [];
    for (const request of requests) {
      const { status, type, body } = await ask(request);
      const shown = `${request.method} ${request.path} ${request.body ?? ''} → ${status} ${body.slice(0, 200)}`;
      const problem = parsed(body);
      const isProblem = type.startsWith('application/problem+json') && typeof problem['code'] === 'string' && typeof problem['detail'] === 'string';
      const isProtocols = request.path.startsWith('/v2/') && typeof problem['error'] === 'string';
      if (status !== 400 || !(isProblem || isProtocols)) found.push(shown);
    }
    return found;
  }

  beforeAll(async () => {
    cairn = await launch(tempDir());
    description = JSON.parse((await ask({ method: 'GET', path: '/openapi.json' })).body) as Description;
  });
  afterAll(() => cairn.end('SIGINT'));

  it('answers 400 with a code and a sentence to a bad body, and stores nothing', async () => {
    const requests = badBodies(description);
    expect(requests.length).toBeGreaterThan(150);
    const before = await logSize();
    expect(await faults(requests)).toEqual([]);
    expect(await logSize()).toEqual(before);
  });

  it('answers 400 to a bad query', async () => {
    const requests = badQueries(description);
    expect(requests.length).toBeGreaterThan(10);
    expect(await faults(requests)).toEqual([]);
  });
});

function parsed(body: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return {};
  }
}
