import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { completionScript, SHELLS } from './completion-script.js';
import { createProgram } from './program.js';

/** What bash would offer for the last of the words. */
function offered(...words: string[]): string[] {
  const script = `${completionScript(createProgram(), 'bash')}
COMP_WORDS=(${['cairn', ...words].map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length}
_cairn
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
}

describe('the completion of cairn', () => {
  it('offers what the program has, wherever options stand', () => {
    expect(offered('')).toEqual(expect.arrayContaining(['log', 'audit', 'completion', '--json', '--url']));
    expect(offered('log', 't')).toEqual(['tail']);
    expect(offered('--json', 'log', 'ex')).toEqual(['export']);
    expect(offered('audit', 'verify', '--json', '--ch')).toEqual(['--checkpoint']);
    expect(offered('completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh']));
    expect(offered('frobnicate', 'x')).toEqual(['']);
  });

  it.each(SHELLS)('knows every command of the program in %s', (shell) => {
    const program = createProgram();
    const script = completionScript(program, shell);
    for (const command of program.commands.filter((known) => known.name() !== 'help')) {
      expect(script).toContain(`"cairn ${command.name()}")`);
      for (const sub of command.commands) expect(script).toContain(`"cairn ${command.name()} ${sub.name()}")`);
    }
  });
});
