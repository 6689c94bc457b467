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
    parameters: { type: 'object', properties: { inference_id: { type: 'string' }, arm: { type: 'string' }, model_version: { type: 'string' } } },
    outputs: { type: 'array', items: tensor },
  },
};

const error = { description: 'What is wrong.', content: { 'application/json': { schema: { type: 'object', properties: { error: { type: 'string' } } } } } };
const json = (description: string, schema: object = { type: 'object' }) => ({ description, content: { 'application/json': { schema } } });

/** Adds the protocol's routes, which Nest does not know of, to the API document. */
export const describeV2: NonNullable<ServiceSpec['describe']> = async (own) => {
  const paths: Record<string, object> = {
    '/v2': { get: operation('Server metadata', [], { '200': json('Name, version, extensions.') }) },
    '/v2/health/live': { get: operation('Liveness', [], { '200': json('{"live": true}') }) },
    '/v2/health/ready': { get: operation('Readiness', [], { '200': json('{"ready": true}'), '503': json('{"ready": false}') }) },
  };
  for (const [prefix, parameters] of [
    ['/v2/models/{model}', [PARAMETERS.model]],
    ['/v2/models/{model}/versions/{version}', [PARAMETERS.model, PARAMETERS.version]],
  ] as const) {
    paths[prefix] = { get: operation('Model metadata', parameters, { '200': json('Inputs and outputs.'), '400': error }) };
    paths[`${prefix}/ready`] = { get: operation('Model readiness', parameters, { '200': json('Ready.'), '400': error, '503': json('Not ready.') }) };
    paths[`${prefix}/infer`] = {
      post: {
        ...operation('Inference', parameters, { '200': json('The outputs.', response), '400': error, '404': error, '500': error, '503': error }),
        requestBody: { required: true, content: { 'application/json': { schema: request } } },
      },
    };
  }
  return { ...own, paths: { ...own.paths, ...paths } };
};

function operation(summary: string, parameters: readonly object[], responses: object): object {
  return { tags: ['open inference protocol'], summary, parameters, responses };
}
