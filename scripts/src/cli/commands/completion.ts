import { Argument, type Command } from 'commander';
import { completionScript, SHELLS, type Shell } from '../completion-script.js';
import { say } from '../terminal.js';

export function register(program: Command): void {
  program
    .command('completion')
    .description('prints a script that completes commands and options: source <(cairn completion bash)')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell: Shell) => say(completionScript(program, shell)));
}
