import type { MessageInitShape } from '@bufbuild/protobuf';
import type { inference } from '@cairn/contracts';
import type { Parameters, ParameterValue } from '../v2/infer-request.js';
import { V2Error } from '../v2/v2-error.js';

type InferParameter = inference.InferParameter;

/** Clients of streams ask by it for one more answer after the last one, which only models with many answers to a request have. */
const FINAL_RESPONSE = 'triton_enable_empty_final_response';

/** A whole number beyond 2^53 becomes its digits, so that none is lost. Throws V2Error 400. */
export function convertParameters(parameters: Readonly<Record<string, InferParameter>>): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, { parameterChoice: { value } }]): [string, ParameterValue][] => {
      if (name === FINAL_RESPONSE) return [];
      if (name.startsWith('triton_')) throw new V2Error(400, `parameter keys starting with 'triton_' are reserved for Triton usage: '${name}'`);
      if (value === undefined) throw new V2Error(400, `parameter '${name}' must be a string, a number or a boolean`);
      return [[name, typeof value === 'bigint' ? numberOf(value) : value]];
    }),
  );
}

export function toInferParameters(parameters: Parameters): Record<string, MessageInitShape<typeof inference.InferParameterSchema>> {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { parameterChoice: choiceOf(value) }]));
}

function choiceOf(value: ParameterValue): MessageInitShape<typeof inference.InferParameterSchema>['parameterChoice'] {
  if (typeof value === 'boolean') return { case: 'boolParam', value };
  if (typeof value === 'string') return { case: 'stringParam', value };
  return Number.isSafeInteger(value) ? { case: 'int64Param', value: BigInt(value) } : { case: 'doubleParam', value };
}

function numberOf(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
