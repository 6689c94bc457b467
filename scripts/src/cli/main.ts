import { AuditError } from '@cairn/audit';
import { EventStoreError } from '@cairn/event-store';
import { CommanderError } from 'commander';
import { Differs, DIFFERS, DONE, NOT_DONE, NotDone } from './exit.js';
import { createProgram } from './program.js';
import { note } from './terminal.js';

// A pipe that was closed, as by `head`, is an end like any other.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? undefined : NOT_DONE));

try {
  await createProgram().parseAsync();
} catch (error) {
  // Commander has said already what is wrong; help and version end with 0.
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? DONE : error instanceof Differs ? DIFFERS : NOT_DONE;
  if (!(error instanceof CommanderError)) note(sentence(error));
}

/** What a person can act on needs no stack; what nobody expected does. */
function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return [Differs, NotDone, AuditError, EventStoreError].some((kind) => error instanceof kind) ? error.message : (error.stack ?? error.message);
}
