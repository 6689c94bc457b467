import { existsSync, renameSync, statSync } from 'node:fs';

import { destination, type Logger, pino, stdTimeFunctions } from 'pino';

const KEEP_BYTES = 64 * 1024 * 1024;

/** JSON lines of all services in one file; a large one is kept beside it as `<file>.1` when the stack starts. */
export function openLog(file: string, level: string): { readonly logger: Logger; readonly flush: () => void } {
  if (existsSync(file) && statSync(file).size > KEEP_BYTES) renameSync(file, `${file}.1`);
  const stream = destination({ dest: file, sync: false, mkdir: true, mode: 0o600 });
  const logger = pino(
    {
      level,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: ['*.headers.authorization', 'headers.authorization', '*.password', '*.token'],
    },
    stream,
  );
  return { logger, flush: () => stream.flushSync() };
}
