/**
 * A run's id: 32 hex digits on the wire, in events and in tables, as MLflow writes it; the same UUID with dashes names the stream. Undefined when no run can
 * have this id. Both spellings are taken.
 */
export function convertRunId(wireId: string): string | undefined {
  const runId = wireId.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(runId) ? runId : undefined;
}

/** `4915f5ea…` → `4915f5ea-945c-…`. */
export function streamIdOfRun(runId: string): string {
  return [runId.slice(0, 8), runId.slice(8, 12), runId.slice(12, 16), runId.slice(16, 20), runId.slice(20)].join('-');
}
