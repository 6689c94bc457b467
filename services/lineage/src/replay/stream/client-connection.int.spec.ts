import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClientConnection } from './client-connection.js';

const FRAME = `data: ${'x'.repeat(50_000)}\n\n`;
const BUFFER_BYTES = 16 * 1_024;
const never = new AbortController().signal;

describe('the connection to a client', () => {
  let server: Server;
  let response: ServerResponse;
  let socket: Socket;
  beforeEach(async () => {
    server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    // Nothing is read before a spec asks for it.
    socket = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
    socket.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
    [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  });
  afterEach(async () => {
    socket.destroy();
    server.close();
    await once(server, 'close');
  });

  /** Writes until the client can take no more; the most that ever waited in this process. */
  async function fill(client: ClientConnection): Promise<number> {
    let mostBytes = 0;
    while (await client.write(FRAME, never)) mostBytes = Math.max(mostBytes, response.writableLength);
    return Math.max(mostBytes, response.writableLength);
  }

  it('holds one frame above the buffer of the response, and no more, for a client that does not read', async () => {
    const client = new ClientConnection(response, 100);
    client.open({ 'content-type': 'text/event-stream' });
    expect(await fill(client)).toBeLessThan(BUFFER_BYTES + 2 * FRAME.length);
  });

  it('says why it was cut to a client that reads again', async () => {
    const client = new ClientConnection(response, 100);
    client.open({ 'content-type': 'text/event-stream', connection: 'close' });
    await fill(client);
    client.end('event: cut\n\n', 60_000);
    expect(await text(socket)).toContain('event: cut');
  });

  it('closes after the grace when the client never reads', async () => {
    const client = new ClientConnection(response, 50);
    client.open({ 'content-type': 'text/event-stream' });
    await fill(client);
    client.end('event: cut\n\n', 50);
    await once(response, 'close');
    expect(client.left.aborted).toBe(true);
  });

  it('notices that the client left while it waits for it', async () => {
    const client = new ClientConnection(response, 60_000);
    client.open({ 'content-type': 'text/event-stream' });
    const filled = fill(client);
    socket.destroy();
    await filled;
    expect(client.left.aborted).toBe(true);
    expect(await client.write(FRAME, never)).toBe(false);
  });
});
