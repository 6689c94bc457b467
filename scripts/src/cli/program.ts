import { Command } from 'commander';
import * as audit from './commands/audit.js';
import * as completion from './commands/completion.js';
import * as log from './commands/log.js';
import * as replay from './commands/replay.js';
import * as subject from './commands/subject.js';
import * as witness from './commands/witness.js';
import { EXIT_CODES } from './exit.js';
import { addSettings } from './settings.js';

/** A command is a file in `commands/` that exports `register(program)`, and a line here. */
const commands = [log, audit, replay, subject, witness, completion];

/** The whole tree, so that help and completion are made from what can be run. Bad arguments throw CommanderError. */
export function createProgram(): Command {
  const program = addSettings(new Command('cairn').description('Cairn from the command line: its log, and the proof of it.'));
  for (const { register } of commands) register(program);
  program.addHelpText('afterAll', `\n${EXIT_CODES}`);
  for (const command of all(program)) command.exitOverride().showHelpAfterError('(add --help for what it takes)');
  return program;
}

function all(command: Command): Command[] {
  return [command, ...command.commands.flatMap(all)];
}
