import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * `before` the server gets the request; `after` it has answered, and the answer is lost; `silent`: the request is swallowed and nothing more is said or
 * closed, as when a cable is pulled.
 */
export type Cut = 'before' | 'after' | 'silent';

interface Fault {
  readonly marker: string;
  readonly cut: Cut;
  readonly done: () => void;
}

/** Stands between a client and PostgreSQL and cuts the connection at a chosen moment. */
export class CuttingProxy {
  private readonly faults: Fault[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((client) => this.serve(client));
  private reachable = true;

  private constructor(private readonly target: URL) {}

  static async start(databaseUrl: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(new URL(databaseUrl));
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The database's URL, through the proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  /** The next request whose bytes hold `marker`, e.g. a statement's name, meets the cut. Resolves once it did. */
  cutNext(marker: string, cut: Cut): Promise<void> {
    return new Promise((done) => this.faults.push({ marker, cut, done }));
  }

  /** Ends every connection and refuses new ones until `restore`. */
  isolate(): void {
    this.reachable = false;
    for (const socket of this.sockets) socket.destroy();
  }

  restore(): void {
    this.reachable = true;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(client: Socket): void {
    if (!this.reachable) return void client.destroy();
    const upstream = connect(Number(this.target.port), this.target.hostname);
    let answerIsLost: (() => void) | undefined;
    let silent = false;
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', () => {
        this.sockets.delete(socket);
        end();
      });
    }
    client.on('data', (chunk) => {
      const fault = this.takeFault(chunk);
      if (fault?.cut === 'before') {
        end();
        fault.done();
      } else if (fault?.cut === 'silent') {
        silent = true;
        fault.done();
      } else if (!silent) {
        if (fault?.cut === 'after') answerIsLost = fault.done;
        upstream.write(chunk);
      }
    });
    upstream.on('data', (chunk) => {
      if (answerIsLost === undefined) return void client.write(chunk);
      // The server has answered, so the statement is committed or refused.
      end();
      answerIsLost();
    });
  }

  private takeFault(chunk: Buffer): Fault | undefined {
    const index = this.faults.findIndex(({ marker }) => chunk.includes(marker));
    return index < 0 ? undefined : this.faults.splice(index, 1)[0];
  }
}
