import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { NotDone } from './exit.js';
import type { Settings } from './settings.js';

export interface TableDigest {
  readonly table: string;
  readonly rows: number;
  readonly digest: string;
}

export interface ReplayedTable extends TableDigest {
  readonly rows_live?: number;
  readonly differing?: number;
  /** The first hundred. */
  readonly differences?: readonly {
    readonly key: Readonly<Record<string, string | null>>;
    readonly kind: 'changed' | 'missing' | 'unexpected';
    readonly columns: readonly { readonly column: string; readonly live: string | null; readonly replayed: string | null }[];
    readonly event?: { readonly position: string; readonly type: string; readonly stream: string };
  }[];
}

export interface Replayed {
  /** Last position in the rows; null before the first event. */
  readonly position: string | null;
  readonly compared: boolean;
  readonly identical?: boolean;
  readonly tables: readonly ReplayedTable[];
}

export interface RecordedDigest {
  readonly service: string;
  readonly position: string;
  readonly tables: readonly TableDigest[];
  readonly event_position: string;
}

/** Replays of one service; `prefix` is the first segment of its paths. */
export class ReplayRequests {
  constructor(private readonly settings: Pick<Settings, 'url' | 'token'>) {}

  /** To a position, to a time, or to whatever is live. */
  replay(prefix: string, to: { readonly to?: string; readonly to_time?: string }): Promise<Replayed> {
    return this.ask<Replayed>('POST', `/${prefix}/v1/admin/replay`, to);
  }

  /** The last digests that were recorded; undefined when there are none. */
  async lastRecorded(service: string): Promise<RecordedDigest | undefined> {
    const { items } = await this.ask<{ items: RecordedDigest[] }>('GET', `/lineage/v1/read-model-digests?service=${service}&limit=1`);
    return items[0];
  }

  /** A replay takes as long as the log is long, so nothing here ends the waiting. Throws NotDone with what the server says. */
  private async ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const { url, token } = this.settings;
    const { status, answer } = await this.send(method, path, body).catch((cause: unknown) => {
      throw new NotDone(`${url} can not be reached. Is Cairn running there? (--url, CAIRN_URL)`, { cause });
    });
    if (status >= 200 && status < 300) return JSON.parse(answer) as Answer;
    const hint = status === 401 && token === undefined ? ' Give a token (--token, CAIRN_TOKEN).' : '';
    throw new NotDone(`${path.split('?')[0]} answered ${status}: ${detailOf(answer)}${hint}`);
  }

  private send(method: string, path: string, body: object | undefined): Promise<{ status: number; answer: string }> {
    const { url, token } = this.settings;
    const target = new URL(`${url}${path}`);
    const headers = {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    return new Promise((resolve, reject) => {
      const sent = (target.protocol === 'https:' ? httpsRequest : httpRequest)(target, { method, headers, agent: false }, (response) => {
        text(response).then((answer) => resolve({ status: response.statusCode ?? 0, answer }), reject);
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function detailOf(answer: string): string {
  try {
    const { detail } = JSON.parse(answer) as { detail?: unknown };
    if (typeof detail === 'string') return detail;
  } catch {
    // Not a problem document: shown as it is.
  }
  return answer.slice(0, 200);
}
