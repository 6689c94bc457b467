export interface ApiAnswer<Body> {
  readonly status: number;
  readonly body: Body;
}

export interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly error?: string;
}

type Json = Record<string, unknown>;

/** One principal's way to the gateway. Every call is what another team would send. */
export class Api {
  constructor(
    readonly url: string,
    private readonly token: string,
  ) {}

  get<Body>(path: string): Promise<Body> {
    return this.expect<Body>('GET', path);
  }

  post<Body>(path: string, body: Json = {}): Promise<Body> {
    return this.expect<Body>('POST', path, body);
  }

  put<Body>(path: string, body: Json): Promise<Body> {
    return this.expect<Body>('PUT', path, body);
  }

  /** For calls whose refusal is what we want to see. */
  async send<Body>(method: string, path: string, body?: Json): Promise<ApiAnswer<Body>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, body: (isJson && text !== '' ? JSON.parse(text) : text) as Body };
  }

  async upload<Body>(path: string, content: Buffer, contentType: string): Promise<Body> {
    return this.sendRaw<Body>(path, content, contentType);
  }

  async sendText<Body>(path: string, content: string, contentType: string): Promise<Body> {
    return this.sendRaw<Body>(path, content, contentType);
  }

  async text(path: string): Promise<string> {
    return (await this.download(path)).toString('utf8');
  }

  /** Undefined where there is nothing. */
  async bytes(path: string): Promise<Uint8Array | undefined> {
    const response = await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${this.token}` } });
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
  }

  async download(path: string): Promise<Buffer> {
    const response = await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${this.token}` } });
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
    return Buffer.from(await response.arrayBuffer());
  }

  private async sendRaw<Body>(path: string, body: Buffer | string, contentType: string): Promise<Body> {
    const response = await fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': contentType },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as Body;
  }

  private async expect<Body>(method: string, path: string, body?: Json): Promise<Body> {
    const answer = await this.send<Body & Problem>(method, path, body);
    if (answer.status < 300) return answer.body;
    const { code, detail, error } = answer.body;
    throw new Error(`${method} ${path} answered ${answer.status} ${code ?? ''}: ${detail ?? error ?? JSON.stringify(answer.body)}`);
  }
}
