import { tempDir } from '@cairn/testing';
import { describe, expect, it } from 'vitest';
import { createProgram } from './program.js';

const run = (...args: string[]) => {
  const program = createProgram();
  const quiet = { writeOut: () => undefined, writeErr: () => undefined };
  const silence = (command: typeof program): void => void command.configureOutput(quiet).commands.forEach((sub) => silence(sub as typeof program));
  silence(program);
  return program.parseAsync(args, { from: 'user' });
};

describe('cairn', () => {
  it('says what its exit codes mean, in the help of every command', () => {
    const program = createProgram();
    let help = '';
    program.configureOutput({ writeOut: (text) => (help += text) });
    program.outputHelp();
    expect(help).toMatch(/0 {2}done[^]*1 {2}verification failed[^]*2 {2}it could not be done/);
  });

  it.each([
    [['frobnicate'], 'commander.unknownCommand'],
    [['log', 'show', 'x'], 'commander.invalidArgument'],
    [['log', 'show', '-1'], 'commander.invalidArgument'],
    [['log', 'tail', '--lines', '0'], 'commander.invalidArgument'],
    [['audit', 'bundle'], 'commander.missingMandatoryOptionValue'],
    [['audit', 'verify'], 'commander.missingArgument'],
    [['completion', 'fish'], 'commander.invalidArgument'],
  ])('takes no bad arguments: %j', async (args, code) => {
    await expect(run(...args)).rejects.toMatchObject({ code });
  });

  it('says in a sentence that a witness has no key', async () => {
    const folder = tempDir('witness');
    const files = ['--key-file', `${folder}/key`, '--state-dir', `${folder}/state`, '--logs-file', `${folder}/logs`];
    await expect(run('witness', 'run', ...files)).rejects.toMatchObject({ name: 'NotDone', message: expect.stringContaining('is missing') });
    await expect(run('witness', 'run', ...files, '--port', '70000')).rejects.toMatchObject({ code: 'commander.invalidArgument' });
  });

  it('says in a sentence that nobody answers', async () => {
    await expect(run('log', 'tail', '--url', 'http://127.0.0.1:1')).rejects.toMatchObject({ name: 'NotDone', message: expect.stringContaining('Is Cairn running there?') });
  });
});
