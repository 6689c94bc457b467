/** Metadata that sum up what the spans of a trace say (mlflow.tracing.constant, TraceMetadataKey). */
export const TOKEN_USAGE = 'mlflow.trace.tokenUsage';
export const COST = 'mlflow.trace.cost';

/** More spans change a sum; all other metadata stay as they were first said. */
export function isSum(key: string): boolean {
  return key === TOKEN_USAGE || key === COST;
}
