import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyBundle } from '@cairn/audit';
import { createDatabase, tempDir, waitUntil } from '@cairn/testing';
import { PostgresEventStore } from '@cairn/event-store';
import { beforeAll, describe, expect, it } from 'vitest';
import { launch, root, type Launched } from '../e2e/launched.js';
import { cosignedCopies } from './cosigned-copies.js';
import { tamperedCopies } from './tampered-copies.js';

const EVENTS = 300;
/** Where `run.sh` wants the bundles, for the verifiers in Python and Go. */
const folder = process.env['CAIRN_VERIFIERS_OUT'] ?? tempDir('verifiers');
const file = (name: string): string => join(folder, name);

/** The built command, as `npx cairn` runs it. */
function cairn(...args: string[]): Promise<{ code: number; output: string; errors: string }> {
  return new Promise((resolve) => {
    const options = { cwd: root, maxBuffer: 16 << 20 };
    const child = execFile(process.execPath, ['scripts/cairn.mjs', ...args], options, (_, output, errors) => resolve({ code: child.exitCode ?? -1, output, errors }));
  });
}

describe('a log that was made by services', { timeout: 240_000 }, () => {
  let size: number;

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    const stack = await launch(tempDir());
    try {
      await makeEvents(stack, 40);
      writeFileSync(file('earlier'), await signedCheckpoint(stack, 40));
      await makeEvents(stack, EVENTS);
      size = Number((await signedCheckpoint(stack, EVENTS)).split('\n')[1]);
      writeFileSync(file('key'), await (await fetch(`${stack.gatewayUrl}/lineage/v1/log/key`)).text());
      const url = ['--url', stack.gatewayUrl];
      expect(await cairn('audit', 'bundle', ...url, '-o', file('whole.zip'), '--to', String(size), '--earlier', file('earlier'))).toMatchObject({ code: 0 });
      expect(await cairn('audit', 'bundle', ...url, '-o', file('part.zip'), '--from', '260', '--to', '270', '--earlier', file('earlier'))).toMatchObject({ code: 0 });
      expect(await cairn('log', 'export', file('log.ndjson'), ...url)).toMatchObject({ code: 0 });
      expect(await cairn('log', 'show', '0', ...url)).toMatchObject({ code: 0, output: expect.stringContaining('"subject"') });
      expect(await cairn('log', 'show', '99999999', ...url)).toMatchObject({ code: 2 });
      expect((await cairn('log', 'tail', '-n', '3', '--json', ...url)).output.trim().split('\n')).toHaveLength(3);
      expect(await cairn('audit', 'bundle', ...url, '-o', file('none.zip'), '--to', '99999999')).toMatchObject({ code: 2 });
    } finally {
      await stack.end('SIGINT');
    }
  }, 240_000);

  it('verifies where nothing runs, by a key and a checkpoint that were kept', async () => {
    for (const bundle of ['whole.zip', 'part.zip']) {
      const { code, output } = await cairn('audit', 'verify', file(bundle), '--key', file('key'), '--checkpoint', file('earlier'));
      expect(output).toContain('VERIFIED');
      expect(output).toContain('has only grown');
      expect(code).toBe(0);
    }
  });

  it('verifies no copy that was tampered with, and says where', async () => {
    for (const { path, position } of await tamperedCopies(file('whole.zip'), folder)) {
      const { code, output } = await cairn('audit', 'verify', path, '--json');
      const verdict = JSON.parse(output) as { verified: boolean; finding: { position?: string } };
      expect(code, path).toBe(1);
      expect(verdict.verified, path).toBe(false);
      expect(verdict.finding.position, path).toBe(position === undefined ? undefined : String(position));
    }
  });

  it('asks for the witnesses of a policy, and counts only what they cosigned', async () => {
    const cases = await cosignedCopies(file('whole.zip'), folder, readFileSync(file('key'), 'utf8').trim());
    // One a line, for run.sh: exit code, bundle, policy, what it is.
    writeFileSync(file('policy-cases'), cases.map(({ code, bundle, policy, name }) => `${code}\t${bundle}\t${policy}\t${name}\n`).join(''));
    const evidence = { verifierKey: readFileSync(file('key'), 'utf8') };
    for (const { code, bundle, policy, name } of cases) {
      const verdict = verifyBundle(file(bundle), { ...evidence, policy: readFileSync(file(policy), 'utf8') });
      if (code === 2) await expect(verdict, name).rejects.toMatchObject({ code: 'EVIDENCE_UNUSABLE' });
      else expect({ name, ...(await verdict) }).toMatchObject({ name, verified: code === 0 });
    }
    // The command is slow to start: one case of each exit code shows that it says the same.
    for (const expected of [0, 1, 2]) {
      const { bundle, policy } = cases.find(({ code }) => code === expected)!;
      expect(await cairn('audit', 'verify', file(bundle), '--key', file('key'), '--policy', file(policy))).toMatchObject({ code: expected });
    }
    expect(await cairn('audit', 'verify', file('whole.zip'), '--policy', file('no-policy'))).toMatchObject({ code: 2 });
  });

  it('does not take a question for an answer', async () => {
    expect(await cairn('audit', 'verify', file('nowhere.zip'))).toMatchObject({ code: 2, output: '' });
    expect(await cairn('audit', 'verify', file('whole.zip'), '--key', 'no key')).toMatchObject({ code: 2, output: '' });
    expect(await cairn('log', 'tail', '--url', 'http://127.0.0.1:1')).toMatchObject({ code: 2, output: '' });
  });

  it('moves to an empty store, byte for byte, and never in part', async () => {
    const database = await createDatabase();
    try {
      const lines = readFileSync(file('log.ndjson'), 'utf8').trimEnd().split('\n');
      const args = ['--database-url', database.url, '--key', file('key')];
      const changed = lines.with(7, (lines[7] ?? '').replace('default', 'another'));
      for (const [name, copy] of [['less', lines.slice(0, -1)], ['more', [...lines, lines.at(-1)]], ['changed', changed]] as const) {
        writeFileSync(file(`${name}.ndjson`), `${copy.join('\n')}\n`);
        writeFileSync(file(`${name}.ndjson.checkpoint`), readFileSync(file('log.ndjson.checkpoint')));
        expect(await cairn('log', 'import', file(`${name}.ndjson`), ...args), name).toMatchObject({ code: 1, errors: expect.stringContaining('Nothing was stored') });
      }
      expect(await cairn('log', 'import', file('log.ndjson'), ...args)).toMatchObject({ code: 0, output: expect.stringContaining('are stored') });
      expect(await cairn('log', 'import', file('log.ndjson'), ...args)).toMatchObject({ code: 2, errors: expect.stringContaining('already') });
      expect(await storedLines(database.url)).toEqual(lines);
    } finally {
      await database.drop();
    }
  });
});

async function makeEvents(stack: Launched, count: number): Promise<void> {
  for (let made = 0; made < count; made += 1) {
    const body = JSON.stringify({ name: `experiment ${count}.${made} – „žluť“` });
    const response = await fetch(`${stack.gatewayUrl}/api/2.0/mlflow/experiments/create`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(response.status).toBe(200);
  }
}

/** A checkpoint over at least so many events. */
function signedCheckpoint(stack: Launched, events: number): Promise<string> {
  return waitUntil('a signed checkpoint', async () => {
    const note = await (await fetch(`${stack.gatewayUrl}/checkpoint`)).text();
    return Number(note.split('\n')[1]) >= events && note;
  });
}

async function storedLines(url: string): Promise<string[]> {
  const store = await PostgresEventStore.open({ url });
  try {
    const { events } = await store.readRecords(0n, { limit: 10_000 });
    return events.map(({ position, body }) => JSON.stringify({ position: String(position), body }));
  } finally {
    await store.close();
  }
}
