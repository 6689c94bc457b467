import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: { readonly entity: string; readonly action: string; readonly data: Readonly<Record<string, unknown>>; readonly workspace: string };
}

/** Answers one request; the default says 200. */
export type Behaviour = (response: ServerResponse, count: number) => void;

/** A real receiver of webhooks, which behaves as it is told per path, and remembers what came, in order. */
export class Receiver {
  readonly received: Received[] = [];
  private readonly behaviours = new Map<string, Behaviour>();
  private readonly counts = new Map<string, number>();
  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      const text = Buffer.concat(chunks).toString('utf8');
      this.received.push({ path, headers: request.headers, text, body: JSON.parse(text) });
      const count = (this.counts.get(path) ?? 0) + 1;
      this.counts.set(path, count);
      (this.behaviours.get(path) ?? ((to) => to.end('fine')))(response, count);
    });
  });

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  behave(path: string, behaviour: Behaviour): void {
    this.behaviours.set(path, behaviour);
  }

  at(path: string): readonly Received[] {
    return this.received.filter((one) => one.path === path);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** As a receiver would check it, from MLflow's documentation. */
export function isSigned({ headers, text }: Received, secret: string): boolean {
  const signed = `${String(headers['x-mlflow-delivery-id'])}.${String(headers['x-mlflow-timestamp'])}.${text}`;
  return headers['x-mlflow-signature'] === `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`;
}
