import type { Tensor } from '../tensor/tensor.js';

export type ParameterValue = string | number | boolean;
export type Parameters = Readonly<Record<string, ParameterValue>>;

export interface RequestedOutput {
  readonly name: string;
  /** What the output itself asks for; undefined leaves it to the request. */
  readonly binary: boolean | undefined;
  /** As so many classes, greatest first, instead of its values; undefined or left out: the values. */
  readonly classification?: number | undefined;
}

export interface InferRequest {
  /** Echoed; empty when there is none. */
  readonly id: string;
  readonly parameters: Parameters;
  readonly inputs: readonly Tensor[];
  /** Undefined: all. */
  readonly outputs: readonly RequestedOutput[] | undefined;
  /** How outputs travel that do not say. */
  readonly binaryOutputs: boolean;
}
