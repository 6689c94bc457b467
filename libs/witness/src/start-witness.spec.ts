import { once } from 'node:events';
import { appendFile, chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addSignatures, cosignature, cosignatureTime, generateKey, openNote, parseNote, parseSigner, parseVerifier, signNote } from '@cairn/transparency';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWitness, type RunningWitness, type WitnessOptions } from './start-witness.js';
import { forkedLog, SampleLog } from './testing/sample-log.js';
import { createWitnessKey } from './witness-key.js';
import { originHash } from './witness-state.js';
import type { WitnessAnswer } from './witness.js';

const ORIGIN = 'log.example/one';
const NAME = 'witness.example/w1';

describe('a witness', () => {
  let folder: string;
  let options: WitnessOptions;
  let witness: RunningWitness;
  let log: SampleLog;
  let fork: SampleLog;
  const answers: WitnessAnswer[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'witness-'));
    ({ one: log, other: fork } = forkedLog(ORIGIN, 20, 300));
    options = { keyFile: join(folder, 'key'), stateDir: join(folder, 'state'), logsFile: join(folder, 'logs'), port: 0, onAnswer: (answer) => answers.push(answer) };
    await createWitnessKey(options.keyFile, NAME);
    await writeFile(options.logsFile, `# logs that we cosign\n\n${log.keys.verifierKey}\n`);
    witness = await startWitness(options);
  });
  afterEach(async () => {
    await witness.close();
    await rm(folder, { recursive: true });
    answers.length = 0;
  });

  interface Answer {
    readonly status: number;
    readonly type: string | null;
    readonly text: string;
  }
  async function post(body: string | Uint8Array, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body: typeof body === 'string' ? body : Buffer.from(body), headers });
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  }
  async function served(origin = ORIGIN): Promise<Answer> {
    const response = await fetch(`${witness.url}/${originHash(origin)}/checkpoint`);
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  }
  const own = () => parseVerifier(witness.verifierKey, [cosignature]);

  describe('200', () => {
    it('answers lines that, put behind the checkpoint, make a note that it signed', async () => {
      const before = BigInt(Math.floor(Date.now() / 1000));
      const { status, text } = await post(log.request(0, 7));
      expect(status).toBe(200);
      expect(text).toMatch(/^— witness\.example\/w1 \S+\n$/u);
      const { signatures } = openNote(`${log.checkpoint(7)}${text}`, [own(), log.verifier]);
      expect(signatures.map(({ name }) => name)).toEqual([ORIGIN, NAME]);
      expect(cosignatureTime(signatures[1]!)).toBeGreaterThanOrEqual(before);
    });

    it('cosigns what grew, and the same checkpoint again', async () => {
      for (const [from, to] of [[0, 0], [0, 1], [1, 7], [7, 7], [7, 256], [256, 300], [300, 300]] as const) {
        expect(await post(log.request(from, to)), `${from} to ${to}`).toMatchObject({ status: 200 });
      }
    });

    it('serves what it cosigned last: the lines of the log and its own, no others', async () => {
      const stranger = parseSigner(generateKey('stranger.example').signingKey);
      const withStranger = addSignatures(log.checkpoint(7), parseNote(signNote(parseNote(log.checkpoint(7)).text, [stranger])).signatures);
      await post(log.request(0, 7).replace(log.checkpoint(7), withStranger));
      const { status, type, text } = await served();
      expect({ status, type }).toEqual({ status: 200, type: 'text/plain; charset=utf-8' });
      expect(parseNote(text).signatures.map(({ name }) => name)).toEqual([ORIGIN, NAME]);
      expect(openNote(text, [own(), log.verifier]).signatures).toHaveLength(2);
    });

    it('takes any content type, and none', async () => {
      for (const type of ['text/plain', 'application/octet-stream', 'application/json']) {
        expect(await post(log.request(type === 'text/plain' ? 0 : 5, 5), { 'content-type': type })).toMatchObject({ status: 200 });
      }
      expect(await post(Buffer.from(log.request(5, 5)))).toMatchObject({ status: 200 });
    });

    it('goes on after a restart where it was, and knows each log by itself', async () => {
      const second = new SampleLog('log.example/two', undefined, ['a', 'b']);
      await post(log.request(0, 30));
      await witness.close();
      await appendFile(options.logsFile, `${second.keys.verifierKey}\n`);
      witness = await startWitness(options);
      expect(await post(log.request(0, 30))).toMatchObject({ status: 409, text: '30\n' });
      expect(await post(log.request(30, 31))).toMatchObject({ status: 200 });
      expect(await post(second.request(0, 2))).toMatchObject({ status: 200 });
      expect((await served('log.example/two')).text).toContain('log.example/two\n2\n');
    });

    it('takes either key of a log that is changing its key, and remembers across the change', async () => {
      await post(log.request(0, 10));
      const next = generateKey(ORIGIN);
      await witness.close();
      await writeFile(options.logsFile, `${log.keys.verifierKey}\n${next.verifierKey}\n`);
      witness = await startWitness(options);
      expect(await post(log.request(10, 11))).toMatchObject({ status: 200 });
      const signedAnew = (body: string, size: number) => body.replace(log.checkpoint(size), log.checkpoint(size, parseSigner(next.signingKey)));
      expect(await post(signedAnew(log.request(11, 12), 12))).toMatchObject({ status: 200 });
      await witness.close();
      await writeFile(options.logsFile, `${next.verifierKey}\n`);
      witness = await startWitness(options);
      expect(await post(signedAnew(log.request(12, 13), 13))).toMatchObject({ status: 200 });
      expect(await post(log.request(13, 14))).toMatchObject({ status: 403 });
    });
  });

  describe('400', () => {
    it.each([
      ['nothing', () => ''],
      ['a checkpoint alone', () => log.checkpoint(7)],
      ['an old size above the new one', () => log.request(8, 7)],
      ['no signature', () => log.request(0, 7).slice(0, -log.checkpoint(7).split('\n\n')[1]!.length)],
      ['64 hashes', () => log.request(0, 7).replace('old 0\n', `old 0\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}`)],
    ])('is the answer to %s', async (_, body) => {
      expect(await post(body())).toMatchObject({ status: 400, type: 'text/plain; charset=utf-8' });
      expect((await served()).status).toBe(404);
    });
  });

  describe('403', () => {
    it('is the answer to a checkpoint that no known key of the log signed, or one that does not verify', async () => {
      const stranger = new SampleLog(ORIGIN, undefined, ['entry 0']);
      expect(await post(stranger.request(0, 1))).toMatchObject({ status: 403 });
      expect(await post(log.request(0, 7).replace(`${ORIGIN}\n7\n`, `${ORIGIN}\n8\n`))).toMatchObject({ status: 403 });
      expect((await served()).status).toBe(404);
    });
  });

  describe('404', () => {
    it('is the answer to a log that it does not know, before anything else is looked at', async () => {
      expect(await post(new SampleLog('log.example/two', undefined, ['a']).request(0, 1))).toMatchObject({ status: 404 });
    });

    it.each(['', 'nothing', 'a/checkpoint', `${originHash('log.example/two')}/checkpoint`, `${originHash(ORIGIN).toUpperCase()}/checkpoint`])(
      'is the answer to GET /%s',
      async (path) => {
        await post(log.request(0, 7));
        expect((await fetch(`${witness.url}/${path}`)).status).toBe(404);
      },
    );
  });

  describe('409', () => {
    it('says the size that it knows', async () => {
      expect(await post(log.request(3, 7))).toEqual({ status: 409, type: 'text/x.tlog.size', text: '0\n' });
      await post(log.request(0, 7));
      for (const from of [0, 6]) expect(await post(log.request(from, 7))).toEqual({ status: 409, type: 'text/x.tlog.size', text: '7\n' });
    });

    it('is the answer to another tree of the size that it cosigned', async () => {
      await post(log.request(0, 30));
      expect(await post(fork.request(30, 30))).toEqual({ status: 409, type: 'text/x.tlog.size', text: '30\n' });
      expect(answers.at(-1)?.detail).toContain('FORK');
    });

    it('is the answer to a smaller tree', async () => {
      await post(log.request(0, 30));
      expect(await post(log.request(10, 20))).toMatchObject({ status: 409, text: '30\n' });
      expect((await served()).text).toContain(`${ORIGIN}\n30\n`);
    });

    it('is the answer to all but one of many that come at once with the same old size', async () => {
      const sizes = Array.from({ length: 20 }, (_, at) => 21 + at);
      const statuses = await Promise.all(sizes.flatMap((size) => [post(log.request(0, size)), post(fork.request(0, size))]));
      expect(statuses.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(statuses.filter(({ status }) => status === 409)).toHaveLength(2 * sizes.length - 1);
    });
  });

  describe('413', () => {
    it('is the answer to a body without end', async () => {
      expect(await post(`old 0\n\n${'x'.repeat(70_000)}`)).toMatchObject({ status: 413 });
    });
  });

  describe('422', () => {
    it('is the answer to a proof that does not lead from what it cosigned to what it shall cosign', async () => {
      await post(log.request(0, 30));
      expect(await post(fork.request(30, 40))).toMatchObject({ status: 422 });
      expect(await post(log.request(30, 40).replace(/\n[^\n]+\n\n/, '\n\n'))).toMatchObject({ status: 422 });
      expect(answers.at(-1)?.detail).toContain('INCONSISTENT');
      expect((await served()).text).toContain(`${ORIGIN}\n30\n`);
    });

    it('is the answer to a proof from nothing', async () => {
      const hash = Buffer.alloc(32).toString('base64');
      expect(await post(log.request(0, 7).replace('old 0\n', `old 0\n${hash}\n`))).toMatchObject({ status: 422 });
    });
  });

  describe('does not start', () => {
    const refused = (changed: Partial<WitnessOptions> = {}) => expect(startWitness({ ...options, ...changed })).rejects;

    it('in a state folder in which another one works', async () => {
      await refused().toMatchObject({ code: 'STATE_IN_USE' });
      await witness.close();
      witness = await startWitness(options);
    });

    it('on a state that somebody changed, or that another witness wrote', async () => {
      await post(log.request(0, 7));
      await witness.close();
      const [name] = (await readdir(options.stateDir)).filter((file) => file.endsWith('.checkpoint'));
      const path = join(options.stateDir, name!);
      const good = await readFile(path, 'utf8');
      await writeFile(path, good.replace('\n7\n', '\n6\n'));
      await refused().toMatchObject({ code: 'STATE_DAMAGED' });
      await writeFile(path, good);
      await createWitnessKey(join(folder, 'another-key'), NAME);
      await refused({ keyFile: join(folder, 'another-key') }).toMatchObject({ code: 'STATE_DAMAGED' });
      witness = await startWitness(options);
      expect(await post(log.request(7, 8))).toMatchObject({ status: 200 });
    });

    it('without a key, with one that others can read, or with the key of a log', async () => {
      await refused({ keyFile: join(folder, 'nothing') }).toMatchObject({ code: 'KEY_MISSING' });
      await writeFile(join(folder, 'log-key'), log.keys.signingKey, { mode: 0o600 });
      await refused({ keyFile: join(folder, 'log-key') }).toMatchObject({ code: 'KEY_MALFORMED' });
      await chmod(join(folder, 'log-key'), 0o644);
      await refused({ keyFile: join(folder, 'log-key') }).toMatchObject({ code: 'KEY_READABLE' });
      await expect(createWitnessKey(options.keyFile, NAME)).rejects.toMatchObject({ code: 'KEY_EXISTS' });
      await expect(createWitnessKey(join(folder, 'new'), 'a b')).rejects.toMatchObject({ code: 'KEY_MALFORMED' });
    });

    it('without logs, with a line that is none, or with a key twice', async () => {
      await refused({ logsFile: join(folder, 'nothing') }).toMatchObject({ code: 'LOGS_MISSING' });
      for (const line of ['log.example', witness.verifierKey, log.keys.verifierKey]) {
        await writeFile(options.logsFile, `${log.keys.verifierKey}\n${line}\n`);
        await refused().toMatchObject({ code: 'LOGS_MALFORMED' });
      }
    });
  });

  it('ends although a client keeps a connection open, or went away in the middle of a request', async () => {
    const { hostname, port } = new URL(witness.url);
    const quiet = connect(Number(port), hostname);
    const broken = connect(Number(port), hostname);
    broken.write('POST /add-checkpoint HTTP/1.1\r\nhost: w\r\ncontent-length: 1000\r\n\r\nold 0\n');
    await Promise.all([once(quiet, 'connect'), once(broken, 'connect')]);
    await post(log.request(0, 7));
    broken.destroy();
    await witness.close();
    if (!quiet.destroyed) await once(quiet.resume(), 'close');
    witness = await startWitness(options);
  });

  it('cosigns nothing that it could not remember', async () => {
    await post(log.request(0, 7));
    const path = join(options.stateDir, `${originHash(ORIGIN)}.checkpoint`);
    const good = await readFile(path);
    await rm(path);
    await mkdir(join(path, 'in-the-way'), { recursive: true });
    expect(await post(log.request(0, 8))).toMatchObject({ status: 503 });
    await rm(path, { recursive: true });
    await writeFile(path, good);
    expect(await post(log.request(7, 8))).toMatchObject({ status: 200 });
  });
});
