import type { ServiceSpec } from '@cairn/service';

const PARAMETERS = {
  model: { name: 'model', in: 'path', required: true, schema: { type: 'string' } },
  version: { name: 'version', in: 'path', required: true, schema: { type: 'string' } },
};
const tensor = {
  type: 'object',
  required: ['name', 'shape', 'datatype'],
  properties: {
    name: { type: 'string' },
    shape: { type: 'array', items: { type: 'integer' } },
    datatype: { type: 'string' },
    parameters: { type: 'object' },
    data: { type: 'array', items: {} },
  },
};
const request = {
  type: 'object',
  required: ['inputs'],
  properties: {
    id: { type: 'string' },
    parameters: { type: 'object', properties: { key: { type: 'string' }, event_time: { type: 'string', format: 'date-time' }, binary_data_output: { type: 'boolean' } } },
    inputs: { type: 'array', items: tensor },
    outputs: { type: 'array', items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, parameters: { type: 'object' } } } },
  },
};
const response = {
  type: 'object',
  properties: {
    model_name: { type: 'string' },
    model_version: { type: 'string' },
    id: { type: 'string' },
    parameters: {
      type: 'object',
      properties: {
        inference_id: { type: 'string' }, arm: { type: 'string' }, model_version: { type: 'string' },
        feature_service: { type: 'string' }, feature_service_version: { type: 'integer' }, feature_time: { type: 'string', format: 'date-time' },
      },
    },
    outputs: { type: 'array', items: tensor },
  },
};

const error = { description: 'What is wrong.', content: { 'application/json': { schema: { type: 'object', properties: { error: { type: 'string' } } } } } };
const json = (description: string, schema: object = { type: 'object' }) => ({ description, content: { 'application/json': { schema } } });

const inferErrors = Object.fromEntries(['400', '404', '408', '413', '500', '501', '503'].map((status) => [status, error]));

/** Adds the protocol's routes, which Nest does not know of, to the API document. */
export const describeV2: NonNullable<ServiceSpec['describe']> = async (own) => {
  const paths: Record<string, object> = {
    '/v2': { get: operation('Server metadata', [], { '200': json('Name, version, extensions.') }) },
    '/v2/health/live': { get: operation('Liveness', [], { '200': json('{"live": true}') }) },
    '/v2/health/ready': { get: operation('Readiness', [], { '200': json('{"ready": true}'), '503': json('{"ready": false}') }) },
    '/v2/models': { get: operation('Names of models', [], { '200': json('As KServe lists them.') }) },
    '/v2/models/stats': { get: operation('Statistics of all models', [], { '200': json('As Triton writes them.') }) },
    '/v2/repository/index': { post: operation('Versions and whether they are ready', [], { '200': json('A list.', { type: 'array', items: { type: 'object' } }) }) },
    '/v2/trace/setting': settings('traces'),
    '/v2/models/{model}/trace/setting': settings('traces', [PARAMETERS.model]),
    '/v2/logging': settings('the log'),
  };
  for (const [prefix, parameters] of [
    ['/v2/models/{model}', [PARAMETERS.model]],
    ['/v2/models/{model}/versions/{version}', [PARAMETERS.model, PARAMETERS.version]],
  ] as const) {
    paths[prefix] = { get: operation('Model metadata', parameters, { '200': json('Inputs and outputs.'), '400': error }) };
    paths[`${prefix}/ready`] = { get: operation('Model readiness', parameters, { '200': json('Ready.'), '400': error, '503': json('Not ready.') }) };
    paths[`${prefix}/config`] = { get: operation('Model configuration', parameters, { '200': json('As Triton writes it.'), '400': error, '404': error }) };
    paths[`${prefix}/stats`] = { get: operation('Statistics', parameters, { '200': json('As Triton writes them, times in nanoseconds.'), '400': error, '404': error }) };
    paths[`${prefix}/infer`] = {
      post: {
        ...operation('Inference', parameters, { '200': json('The outputs.', response), ...inferErrors }),
        requestBody: { required: true, content: { 'application/json': { schema: request } } },
      },
    };
  }
  return { ...own, paths: { ...own.paths, ...paths } };
};

function operation(summary: string, parameters: readonly object[], responses: object): object {
  return { tags: ['open inference protocol'], summary, parameters, responses };
}

function settings(what: string, parameters: readonly object[] = []): object {
  return {
    get: operation(`Settings of ${what}`, parameters, { '200': json('As Triton has them.') }),
    post: operation(`Settings of ${what}, which can't be changed`, parameters, { '200': json('Nothing was to be changed.'), '400': error }),
  };
}
