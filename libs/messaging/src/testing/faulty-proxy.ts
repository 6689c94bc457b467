import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

/** What gets lost on the way: what the client says, or what the server answers. */
export type Loss = 'nothing' | 'requests' | 'answers';

/**
 * Stands between a client and a server and loses things: with `requests` the server never hears what the client says ("failed and not
 * stored"), with `answers` it does what it was told and the client never learns it ("failed but stored").
 */
export class FaultyProxy {
  loss: Loss = 'nothing';
  /** Bytes that got lost since the loss was set. */
  lostBytes = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly url: string,
  ) {}

  static async start(targetUrl: string): Promise<FaultyProxy> {
    const target = new URL(targetUrl);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new FaultyProxy(server, `nats://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('connection', (client) => {
      const upstream = connect(Number(target.port), target.hostname);
      proxy.join(client, upstream, 'requests');
      proxy.join(upstream, client, 'answers');
    });
    return proxy;
  }

  lose(loss: Loss): void {
    this.loss = loss;
    this.lostBytes = 0;
  }

  /** As pulling the cable: both sides see their connection end. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.server.close();
    this.cut();
    await once(this.server, 'close');
  }

  private join(from: Socket, to: Socket, what: Loss): void {
    this.sockets.add(from);
    from.on('data', (chunk) => {
      if (this.loss === what) this.lostBytes += chunk.length;
      else to.write(chunk);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
  }
}
