const OUTAGE_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
// PostgreSQL: connection exceptions, shutting down or starting up, too many connections, read only after a failover.
const OUTAGE_STATES = /^(08...|57P0[1-5]|53300|25006)$/;
const OUTAGE_MESSAGES = /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/;
const MAX_DEPTH = 8;

/**
 * Whether something that a handler needs was out of reach, so that the event is not to blame. Looks through causes, driver errors and
 * aggregates, since every layer wraps the error of the socket in its own way.
 */
export function isOutage(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > MAX_DEPTH) return false;
  const { code, cause, driverError, errors } = error as Error & Partial<Record<'code' | 'cause' | 'driverError' | 'errors', unknown>>;
  if (typeof code === 'string' && (OUTAGE_CODES.has(code) || OUTAGE_STATES.test(code))) return true;
  if (OUTAGE_MESSAGES.test(error.message)) return true;
  const inner = [cause, driverError, ...(Array.isArray(errors) ? (errors as unknown[]) : [])];
  return inner.some((one) => isOutage(one, depth + 1));
}
