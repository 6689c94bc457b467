import type { JsonObject } from '@cairn/kernel';

/** A value bound to a statement; it never becomes part of the SQL text. */
export type Parameter = string | number | bigint | boolean | null;

/** By place (`$1`) or by name (`$name`). */
export type Parameters = readonly Parameter[] | Readonly<Record<string, Parameter>>;

export interface Step {
  readonly sql: string;
  readonly params?: Parameters;
}

/**
 * Steps run in order on a connection of their own, which is closed afterwards: temporary tables and views live as long as the request.
 * The rows of the last step come back.
 */
export interface EngineRequest {
  readonly id: number;
  readonly steps: readonly Step[];
  readonly maxRows: number;
  readonly maxBytes: number;
}

export interface CancelRequest {
  readonly cancel: number;
}

export type FailureKind = 'sql' | 'too-large' | 'cancelled';

export type EngineAnswer =
  | { readonly id: number; readonly rows: JsonObject[] }
  | { readonly id: number; readonly failure: { readonly kind: FailureKind; readonly message: string } };

/** Handed to the child as its only argument, as JSON. */
export interface EngineSettings {
  readonly threads: number;
  readonly memoryLimit: string;
  /** The one directory that the engine may read and write. */
  readonly directory: string;
}
