import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempDir } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, root, type Launched } from './launched.js';

const run = promisify(execFile);

/** The blocks of README.md that are marked `tour`, in order; they share a shell's variables, as they do for a reader. */
function tourBlocks(): readonly string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  return [...readme.matchAll(/```sh tour\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
}

describe('the tour of README.md', () => {
  let cairn: Launched;
  beforeAll(async () => {
    cairn = await launch(tempDir());
  });
  afterAll(() => cairn.end('SIGINT'));

  it('works as it is written', async () => {
    const blocks = tourBlocks();
    expect(blocks.length).toBeGreaterThan(4);
    const script = `set -euo pipefail\n${blocks.map((block, index) => `echo; echo "## ${index}"\n${block}`).join('\n')}`;
    const { stdout } = await run('bash', ['-c', script], { cwd: root, env: { ...process.env, CAIRN: cairn.gatewayUrl }, maxBuffer: 16 << 20 });
    expect(stdout).toContain('"rowCount"');
    expect(stdout).toContain('"rows_checked"');
    expect(stdout).toMatch(/^400$/m);
    expect(stdout).toContain('0.74');
    expect(stdout).toContain('cairn.catalog.v1.DatasetRegistered');
  });
});
