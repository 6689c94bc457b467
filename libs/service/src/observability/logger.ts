import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import type { LogLevel } from '../config/service-config.js';
import { requestScope } from './request-context.js';

/**
 * JSON lines on standard output, or where `destination` says. Credentials that end up in a logged object are blanked. Without a service for a launcher that runs
 * several: each names itself in a child.
 */
export function createLogger(service: string | undefined, level: LogLevel, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: service === undefined ? {} : { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: ['*.headers.authorization', 'headers.authorization', '*.password', '*.token'],
    mixin() {
      const scope = requestScope.getStore();
      return scope === undefined ? {} : { trace_id: scope.traceId, correlation_id: scope.correlationId };
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
