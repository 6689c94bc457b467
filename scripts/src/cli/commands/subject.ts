import { eraseSubject } from '@cairn/event-store';
import type { Command } from 'commander';
import { NotDone } from '../exit.js';
import { settingsOf } from '../settings.js';
import { note, say, sayJson } from '../terminal.js';

export function register(program: Command): void {
  const subject = program.command('subject').description('what the log says about a person');
  subject
    .command('erase')
    .description('deletes the key of a data subject: personal fields about it read as [erased] from then on, and the log still verifies')
    .argument('<id>', 'as the events name the subject, e.g. the user who started a run')
    .requiredOption('--database-url <url>', 'the log, e.g. postgres://user@host/database')
    .action(async (id: string, { databaseUrl }: { databaseUrl: string }, command: Command) => erase(id, databaseUrl, settingsOf(command).json));
}

async function erase(id: string, databaseUrl: string, json: boolean): Promise<void> {
  if (!(await eraseSubject(databaseUrl, id))) {
    throw new NotDone(`There is no key for "${id}": nothing was sealed under this name, or it was erased before. Names are compared letter by letter.`);
  }
  if (json) sayJson({ subject: id, erased: true });
  else say(`erased ${id}`);
  note('Rebuild the read models that show it, and let backups expire that hold the schema subject_keys: libs/event-store/README.md says what else remains.');
}
