import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { tempDir, startTestNats, waitUntil } from '@cairn/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { specLogger } from '../testing/claim-service.js';
import { NatsLink } from './nats-link.js';

let closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

function openLink(url: string): NatsLink {
  const link = new NatsLink({ url, name: 'link-spec', logger: specLogger });
  closers.push(() => link.close());
  link.open();
  return link;
}

/** A server with its own idea of JetStream or of who may come in. */
async function startServer(...args: string[]): Promise<string> {
  const server = spawn('nats-server', ['-a', '127.0.0.1', '-p', '-1', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  closers.push(async () => {
    server.kill('SIGKILL');
    await once(server, 'exit');
  });
  for await (const line of createInterface(server.stderr)) {
    const [, port] = /Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(line) ?? [];
    if (port !== undefined) return `127.0.0.1:${port}`;
  }
  throw new Error('nats-server did not start: is it on the PATH?');
}

describe('the connection to NATS', () => {
  it('says what to do about a server without JetStream', async () => {
    const link = openLink(`nats://${await startServer()}`);
    const status = await waitUntil('the server is refused', () => link.status.state === 'refused' && link.status);
    expect(status).toMatchObject({ reason: expect.stringContaining('start nats-server with -js') });
  });

  it('tells who we are', async () => {
    const address = await startServer('--user', 'ada', '--pass', 'secret', '-js', '-sd', tempDir('nats'));
    const link = openLink(`nats://ada:secret@${address}`);
    await link.use(AbortSignal.timeout(60_000));
    const stranger = openLink(`nats://${address}`);
    const status = await waitUntil('the stranger is turned away', () => stranger.status.state === 'disconnected' && stranger.status);
    expect(status).toMatchObject({ reason: expect.stringMatching(/authorization/i) });
  });

  it('gives up waiting when its user does, or when it is closed', async () => {
    const link = openLink('nats://127.0.0.1:1');
    const giveUp = new AbortController();
    const waiting = link.use(giveUp.signal);
    giveUp.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow();
    const forever = link.use(new AbortController().signal);
    await link.close();
    await expect(forever).rejects.toMatchObject({ code: 'CLOSED' });
    expect(link.status).toEqual({ state: 'closed' });
  });

  it('comes back by itself', async () => {
    const nats = await startTestNats();
    closers.push(() => nats.stop());
    const link = openLink(nats.url);
    await link.use(AbortSignal.timeout(60_000));
    await nats.kill();
    await waitUntil('the loss is noticed', () => link.status.state === 'disconnected');
    await nats.restart();
    const { jsm } = await link.use(AbortSignal.timeout(60_000));
    expect(await jsm.getAccountInfo()).toMatchObject({ streams: 0 });
  });
});
