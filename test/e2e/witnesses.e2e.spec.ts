import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir, waitUntil } from '@cairn/testing';
import { checkPolicy, generateKey, parsePolicy, type PolicyVerdict } from '@cairn/transparency';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, root, type Launched } from './launched.js';

const folder = tempDir('witnesses');
const file = (name: string): string => join(folder, name);
const logKeys = generateKey('log.example/witnessed');

/** What `GET /lineage/v1/log/size` answers, as far as it matters here. */
interface LogSize {
  readonly size: string;
  readonly signed_size: string;
  readonly cosigning: { readonly quorum_met: boolean; readonly size: string; readonly witnesses: readonly { readonly name: string; readonly state: string }[] };
}

/** The built command, as `npx cairn` runs it. */
function cairn(...args: string[]): Promise<{ code: number; output: string; errors: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['scripts/cairn.mjs', ...args], { cwd: root }, (_, output, errors) => resolve({ code: child.exitCode ?? -1, output, errors }));
  });
}

/** A witness in a process of its own: `cairn witness run`. */
class WitnessProcess {
  private child: ChildProcess | undefined;
  private port = '0';
  verifierKey = '';
  url = '';

  constructor(readonly name: string) {}

  async start(): Promise<void> {
    const files = ['--key-file', file(`${this.name}.key`), '--state-dir', file(`${this.name}.state`), '--logs-file', file('logs')];
    const child = spawn(process.execPath, ['scripts/cairn.mjs', 'witness', 'run', ...files, '--port', this.port, '--json'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    let [printed, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    await waitUntil(`the witness ${this.name} listens`, () => {
      if (child.exitCode !== null) throw new Error(`The witness ended with ${child.exitCode}: build first (npm run build).\n${errors}`);
      return printed.endsWith('\n');
    });
    const { url, verifier_key: verifierKey } = JSON.parse(printed) as { url: string; verifier_key: string };
    Object.assign(this, { url, verifierKey, port: new URL(url).port });
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

/** The stack as `npm start` runs it, two witnesses as `cairn witness run` does, and a policy that asks for both. */
describe('a stack with witnesses', { timeout: 240_000 }, () => {
  const [one, two] = [new WitnessProcess('one'), new WitnessProcess('two')];
  let stack: Launched;
  let policy: string;

  beforeAll(async () => {
    await writeFile(file('log.key'), `${logKeys.signingKey}\n`, { mode: 0o600 });
    await writeFile(file('logs'), `${logKeys.verifierKey}\n`);
    for (const witness of [one, two]) {
      expect(await cairn('witness', 'key', file(`${witness.name}.key`), `witness.example/${witness.name}`)).toMatchObject({ code: 0 });
      await witness.start();
    }
    const lines = [one, two].map(({ name, verifierKey, url }) => `witness ${name} ${verifierKey} ${url}\n`).join('');
    policy = `log ${logKeys.verifierKey}\n${lines}group both all one two\nquorum both\n`;
    await writeFile(file('policy'), policy);
    const settings = { CAIRN_LOG_KEY_FILE: file('log.key'), CAIRN_LOG_POLICY_FILE: file('policy'), CAIRN_LOG_SIGN_INTERVAL_MS: '100', CAIRN_LOG_WITNESS_TIMEOUT_MS: '2000' };
    stack = await launch(tempDir(), [], settings);
  }, 240_000);
  afterAll(async () => {
    await stack?.end('SIGINT');
    for (const witness of [one, two]) await witness.end('SIGTERM');
  });

  /** Events that the services write; answers the size of the log behind them. */
  async function append(count: number, name: string): Promise<bigint> {
    for (let made = 0; made < count; made += 1) {
      const response = await fetch(`${stack.gatewayUrl}/api/2.0/mlflow/experiments/create`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: `${name} ${made}` }),
      });
      expect(response.status).toBe(200);
    }
    return BigInt((await size()).size);
  }
  const get = async (path: string): Promise<string> => (await fetch(`${stack.gatewayUrl}${path}`)).text();
  const size = async (): Promise<LogSize> => JSON.parse(await get('/lineage/v1/log/size')) as LogSize;

  /** The public checkpoint under the policy, once it covers so many events. */
  const published = (events: bigint): Promise<PolicyVerdict> =>
    waitUntil(`a public checkpoint over ${events} events`, async () => {
      const note = await get('/checkpoint');
      if (!note.startsWith(logKeys.verifierKey.split('+')[0] ?? '')) return undefined;
      const verdict = checkPolicy(note, parsePolicy(policy));
      return verdict.checkpoint.size >= events ? verdict : undefined;
    });

  it('publishes what both cosigned, stops publishing while one is dead, and goes on when it is back', async () => {
    const first = await published(await append(5, 'with both'));
    expect(first.quorumMet).toBe(true);
    expect(first.cosigners.map(({ name }) => name)).toEqual(['one', 'two']);

    await two.end('SIGKILL');
    const grown = await append(5, 'without the second');
    await waitUntil('only the second one is missed for what was appended', async () => {
      const { size: inLog, cosigning } = await size();
      const states = Object.fromEntries(cosigning.witnesses.map(({ name, state }) => [name, state]));
      return cosigning.size === inLog && BigInt(inLog) >= grown && !cosigning.quorum_met && states['one'] === 'cosigned' && states['two'] === 'unreachable';
    });
    const stopped = await published(first.checkpoint.size);
    expect(stopped.checkpoint.size).toBeLessThan(grown);
    // Appending needs no witness.
    const end = await append(5, 'still without it');
    expect(end).toBeGreaterThanOrEqual(grown + 5n);
    expect((await published(0n)).checkpoint.size).toBe(stopped.checkpoint.size);

    await two.start();
    const last = await published(end);
    expect(last.quorumMet).toBe(true);
    expect(last.cosigners.map(({ name }) => name)).toEqual(['one', 'two']);
    await waitUntil('lineage says so', async () => (await size()).cosigning.quorum_met);
  });

  it('gives a bundle that verifies under the policy where nothing runs, and under none that asks for somebody else', async () => {
    expect(await get('/lineage/v1/log/policy')).toBe(policy);
    const end = (await published(1n)).checkpoint.size;
    expect(await cairn('audit', 'bundle', '--url', stack.gatewayUrl, '-o', file('log.zip'), '--to', String(end), '--policy', file('policy'))).toMatchObject({ code: 0 });
    await stack.end('SIGINT');
    for (const witness of [one, two]) await witness.end('SIGTERM');

    const verify = (given: string): Promise<unknown> => cairn('audit', 'verify', file('log.zip'), '--key', logKeys.verifierKey, '--policy', file(given));
    expect(await verify('policy')).toMatchObject({ code: 0, output: expect.stringMatching(/The quorum of the policy cosigned the checkpoint: one at .*, two at /) });
    await writeFile(file('stricter'), policy.replace(two.verifierKey, (await cairn('witness', 'key', file('other.key'), 'witness.example/two')).output.trim()));
    expect(await verify('stricter')).toMatchObject({ code: 1, output: expect.stringContaining('COSIGNATURES_MISSING') });
  });
});
