import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cosignature, openNote, parseVerifier } from '@cairn/transparency';
import { tempDir, waitUntil } from '@cairn/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WitnessOptions } from './start-witness.js';
import { forkedLog } from './testing/sample-log.js';
import { createWitnessKey } from './witness-key.js';
import { originHash } from './witness-state.js';

const ORIGIN = 'log.example/one';
const PROGRAM = resolve(import.meta.dirname, '../dist/testing/witness-program.js');
const SHARED = 20;
const ROUNDS = 24;

describe('a witness that is killed with SIGKILL', () => {
  const folder = tempDir('witness');
  const { one, other } = forkedLog(ORIGIN, SHARED, SHARED + ROUNDS * 10 + 20);
  const options: WitnessOptions = { keyFile: join(folder, 'key'), stateDir: join(folder, 'state'), logsFile: join(folder, 'logs'), port: 0 };
  let verifierKey: string;
  let child: ChildProcess;
  let url: string;

  beforeEach(async () => {
    verifierKey = await createWitnessKey(options.keyFile, 'witness.example/w1');
    await writeFile(options.logsFile, `${one.keys.verifierKey}\n`);
    await mkdir(options.stateDir, { recursive: true });
  });
  afterEach(async () => {
    await kill();
    await rm(folder, { recursive: true });
  });

  async function start(): Promise<void> {
    child = spawn(process.execPath, [PROGRAM, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
    await waitUntil('the witness listens', () => {
      if (child.exitCode !== null) throw new Error(`The witness ended with ${child.exitCode}: build first (npm run build).`);
      return printed.endsWith('\n');
    });
    url = printed.trim();
  }
  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Undefined when the witness died before it answered. */
  async function post(body: string): Promise<{ status: number; text: string } | undefined> {
    try {
      const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
      return { status: response.status, text: await response.text() };
    } catch {
      return undefined;
    }
  }
  const knownSize = async (): Promise<number> => Number((await post(one.request(0, 1)))?.text.trim());

  /** Kills at the n-th change of the state folder: while the new file is written, between its name and its old name, or just after. */
  function killAtChange(count: number): { stop(): void } {
    let changes = 0;
    const watcher = watch(options.stateDir, () => {
      changes += 1;
      if (changes === count) child.kill('SIGKILL');
    });
    return { stop: () => watcher.close() };
  }

  it('never cosigns two roots of one size, and never goes back', async () => {
    const witness = parseVerifier(verifierKey, [cosignature]);
    const cosigned = new Map<number, Set<string>>();
    const deaths = { answered: 0, unanswered: 0 };
    let largest = 0;
    await start();
    // Which of the two histories comes first is decided by the witness, once.
    await post(one.request(0, SHARED));

    for (let round = 0; round < ROUNDS; round += 1) {
      // From the moment of the state that is known, both histories want to go on, to several sizes, all at once.
      const known = await knownSize();
      expect(known).toBeGreaterThanOrEqual(largest);
      const killing = killAtChange(1 + (round % 6));
      const sizes = [1, 2, 5, 9].map((step) => known + step);
      const asked = sizes.flatMap((size) => [one, other].map((branch) => ({ size, branch, body: branch.request(known, size) })));
      const answers = await Promise.all(asked.map(async ({ size, branch, body }) => ({ size, branch, answer: await post(body) })));
      killing.stop();
      await kill();

      for (const { size, branch, answer } of answers) {
        if (answer?.status !== 200) continue;
        const note = `${branch.checkpoint(size)}${answer.text}`;
        expect(openNote(note, [witness]).signatures).toHaveLength(1);
        cosigned.set(size, (cosigned.get(size) ?? new Set()).add(branch.checkpoint(size).split('\n')[2] ?? ''));
        largest = Math.max(largest, size);
      }
      deaths[answers.some(({ answer }) => answer === undefined) ? 'unanswered' : 'answered'] += 1;

      await start();
      // What was answered before it died is remembered, and the other history can't have that size.
      const after = await knownSize();
      expect(after).toBeGreaterThanOrEqual(largest);
      const served = await (await fetch(`${url}/${originHash(ORIGIN)}/checkpoint`)).text();
      expect(openNote(served, [witness, one.verifier]).signatures).toHaveLength(2);
      expect(served).toContain(`${ORIGIN}\n${after}\n`);
      const isOne = served.startsWith(one.checkpoint(after).split('\n\n')[0] ?? '');
      if (after > SHARED) expect(await post((isOne ? other : one).request(after, after))).toMatchObject({ status: 409, text: `${after}\n` });
      if (after > SHARED) expect(await post((isOne ? other : one).request(after, after + 1))).toMatchObject({ status: 422 });
      expect(await post((isOne ? one : other).request(after - 1, after))).toMatchObject({ status: 409 });
    }

    expect([...cosigned.values()].every((roots) => roots.size === 1)).toBe(true);
    // The killing met requests both before and after they were answered: otherwise it proved nothing.
    expect(deaths.unanswered).toBeGreaterThan(0);
    expect(largest).toBeGreaterThan(SHARED);
  });
});
