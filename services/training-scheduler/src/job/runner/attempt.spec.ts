import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KILLED, runAttempt } from './attempt.js';

function program(source: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'cairn-program-')), 'program.mjs');
  writeFileSync(file, source);
  return file;
}

const run = (source: string, changes: { timeoutSeconds?: number; signal?: AbortSignal } = {}) =>
  runAttempt(
    { modulePath: program(source), arguments: ['--rows', '3'], environment: { GREETING: 'hello' }, timeoutSeconds: changes.timeoutSeconds ?? 30 },
    changes.signal ?? new AbortController().signal,
  );

describe('an attempt', () => {
  it('hands over arguments and environment, and reads what the job reports', async () => {
    const outcome = await run(`
      import { writeFileSync } from 'node:fs';
      writeFileSync(process.env.CAIRN_JOB_OUTPUT, JSON.stringify({ args: process.argv.slice(2).join(' '), env: process.env.GREETING }));`);
    expect(outcome).toMatchObject({ ok: true, outputs: { args: '--rows 3', env: 'hello' } });
  });

  it('inherits nothing of our own environment', async () => {
    const outcome = await run(`import { writeFileSync } from 'node:fs';
      writeFileSync(process.env.CAIRN_JOB_OUTPUT, JSON.stringify({ keys: Object.keys(process.env).sort().join(' ') }));`);
    expect(outcome).toMatchObject({ ok: true, outputs: { keys: 'CAIRN_JOB_OUTPUT GREETING' } });
  });

  it('succeeds without outputs', async () => {
    expect(await run('')).toMatchObject({ ok: true, outputs: {} });
  });

  it('fails with the last words of the child', async () => {
    expect(await run(`console.error('no rows'); process.exit(3);`)).toMatchObject({ ok: false, exitCode: 3, reason: 'no rows' });
  });

  it('fails when the outputs are nonsense', async () => {
    const outcome = await run(`import { writeFileSync } from 'node:fs'; writeFileSync(process.env.CAIRN_JOB_OUTPUT, '[1]');`);
    expect(outcome).toMatchObject({ ok: false, reason: 'its outputs are not a JSON object of texts' });
  });

  it('ends what runs too long', async () => {
    expect(await run('setInterval(() => {}, 1000);', { timeoutSeconds: 1 })).toMatchObject({ ok: false, exitCode: KILLED, reason: 'ran longer than 1 s' });
  });

  it('ends what is cancelled', async () => {
    const cancelled = AbortSignal.abort('cancelled by ana');
    expect(await run('setInterval(() => {}, 1000);', { signal: cancelled })).toMatchObject({ ok: false, exitCode: KILLED, reason: 'cancelled by ana' });
  });
});
