import type { JobEnvironment } from './arguments.js';

/** The few calls that a job makes; they are what any other team's job would send. */
export class CairnClient {
  constructor(private readonly env: JobEnvironment) {}

  async json<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const response = await this.send(method, path, body === undefined ? undefined : JSON.stringify(body), 'application/json');
    return (await response.json()) as Body;
  }

  async put(path: string, content: Uint8Array): Promise<void> {
    await this.send('PUT', path, new Uint8Array(content), 'application/octet-stream');
  }

  async download(path: string): Promise<ArrayBuffer> {
    return (await this.send('GET', path)).arrayBuffer();
  }

  private async send(method: string, path: string, body?: string | Uint8Array<ArrayBuffer>, contentType?: string): Promise<Response> {
    const { url, token, onBehalfOf } = this.env;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(token !== undefined && onBehalfOf !== undefined && { 'x-cairn-on-behalf-of': onBehalfOf }),
        ...(body !== undefined && contentType !== undefined && { 'content-type': contentType }),
      },
      ...(body !== undefined && { body }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response;
  }
}
