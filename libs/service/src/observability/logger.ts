import { pino, type Logger } from 'pino';
import type { LogLevel } from '../config/service-config.js';
import { requestScope } from './request-context.js';

/** JSON lines on standard output. Credentials that end up in a logged object are blanked. */
export function createLogger(service: string, level: LogLevel): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: ['*.headers.authorization', 'headers.authorization', '*.password', '*.token'],
    mixin() {
      const scope = requestScope.getStore();
      return scope === undefined ? {} : { trace_id: scope.traceId, correlation_id: scope.correlationId };
    },
  });
}
