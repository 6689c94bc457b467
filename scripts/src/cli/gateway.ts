import type { LogSource } from '@cairn/audit';
import { NotDone } from './exit.js';
import type { Settings } from './settings.js';

const TIMEOUT_MS = 60_000;

/** An event as the log serves it. */
export interface LogEvent {
  readonly position: string;
  /** Canonical JSON of the envelope. */
  readonly body: string;
}

/** Cairn over HTTP, as everybody outside sees it. Whatever goes wrong is NotDone, in a sentence. */
export class Gateway implements LogSource {
  constructor(private readonly settings: Pick<Settings, 'url' | 'token'>) {}

  async checkpoint(): Promise<string> {
    return (await this.demand('/checkpoint')).toString('utf8');
  }

  async verifierKey(): Promise<string> {
    return (await this.demand('/lineage/v1/log/key')).toString('utf8').trim();
  }

  tile(path: string): Promise<Buffer | undefined> {
    return this.get(`/${path}`);
  }

  async events(from: bigint, limit: number): Promise<{ readonly events: readonly LogEvent[]; readonly next: bigint }> {
    const { events, next } = JSON.parse((await this.demand(`/lineage/v1/log/events?from=${from}&limit=${limit}`)).toString('utf8')) as { events: LogEvent[]; next: string };
    return { events, next: BigInt(next) };
  }

  /** Events in the log, signed or not. */
  async size(): Promise<bigint> {
    const { size } = JSON.parse((await this.demand('/lineage/v1/log/size')).toString('utf8')) as { size: string };
    return BigInt(size);
  }

  private async demand(path: string): Promise<Buffer> {
    const body = await this.get(path);
    if (body === undefined) throw new NotDone(`${this.settings.url} has no ${path}: is it Cairn’s gateway, and was anything signed yet?`);
    return body;
  }

  /** Undefined for 404. */
  private async get(path: string): Promise<Buffer | undefined> {
    const { url, token } = this.settings;
    let response: Response;
    let body: Buffer;
    try {
      response = await fetch(`${url}${path}`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(TIMEOUT_MS) });
      body = Buffer.from(await response.arrayBuffer());
    } catch (cause) {
      throw new NotDone(`${url} can not be reached. Is Cairn running there? (--url, CAIRN_URL)`, { cause });
    }
    if (response.ok) return body;
    if (response.status === 404) return undefined;
    const hint = response.status === 401 || response.status === 403 ? ' Give a token (--token, CAIRN_TOKEN).' : '';
    throw new NotDone(`${url}${path} answered ${response.status}: ${detailOf(body)}${hint}`);
  }
}

function detailOf(body: Buffer): string {
  const text = body.toString('utf8');
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    if (typeof detail === 'string') return detail;
  } catch {
    // Not a problem document: shown as it is.
  }
  return text.slice(0, 200);
}
