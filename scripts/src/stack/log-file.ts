import { existsSync, renameSync, statSync } from 'node:fs';

import { createLogger, type Logger, type LogLevel } from '@cairn/service';
import { destination } from 'pino';

const KEEP_BYTES = 64 * 1024 * 1024;

/** JSON lines of all services in one file; a large one is kept beside it as `<file>.1` when the stack starts. */
export function openLog(file: string, level: LogLevel): { readonly logger: Logger; readonly flush: () => void } {
  if (existsSync(file) && statSync(file).size > KEEP_BYTES) renameSync(file, `${file}.1`);
  const stream = destination({ dest: file, sync: false, mkdir: true, mode: 0o600 });
  return { logger: createLogger(undefined, level, stream), flush: () => stream.flushSync() };
}
