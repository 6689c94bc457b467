import type { Metadata } from '@grpc/grpc-js';
import { workspaceOf } from '@cairn/service';

/** Who asks, as far as an answer depends on it. */
export interface Caller {
  readonly workspace: string;
  /** Aborted when the call is cancelled, when its deadline is over, or when its connection is lost. */
  readonly signal: AbortSignal;
}

/** Metadata are the headers of HTTP under the same names. Throws DomainError INVALID_WORKSPACE. */
export function workspaceIn(metadata: Metadata): string {
  return workspaceOf({ 'x-cairn-workspace': textOf(metadata, 'x-cairn-workspace'), 'x-mlflow-workspace': textOf(metadata, 'x-mlflow-workspace') });
}

export function textOf(metadata: Metadata, name: string): string | undefined {
  const values = metadata.get(name);
  return values.length === 0 ? undefined : values.join(', ');
}
