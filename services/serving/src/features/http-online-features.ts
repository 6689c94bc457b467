import { isRecord } from '../json-record.js';
import { OnlineFeaturesError, type OnlineColumn, type OnlineFeatures, type OnlineQuestion } from './online-features.js';

export interface HttpOnlineFeaturesOptions {
  /** Where the feature store is reached. */
  readonly gatewayUrl: string;
  /** What serving presents as itself: whoever may ask a deployment need not be allowed to ask for the features behind it. */
  readonly serviceToken?: string | undefined;
  readonly timeoutMs: number;
}

/** Asks the feature store over `POST /get-online-features`. */
export class HttpOnlineFeatures implements OnlineFeatures {
  private readonly url: string;

  constructor(private readonly options: HttpOnlineFeaturesOptions) {
    this.url = `${options.gatewayUrl}/get-online-features`;
  }

  async lookUp(question: OnlineQuestion): Promise<ReadonlyMap<string, OnlineColumn>> {
    const { workspace, service, version, entities, columns, rows } = question;
    const { status, body } = await this.ask(workspace, { entities: Object.fromEntries(entities), feature_service: service, feature_service_version: version });
    if (status >= 500 || status === 429) throw away(`it answers ${status}`);
    if (status !== 200) throw new OnlineFeaturesError('REFUSED', `the feature store refuses the question with ${status}${detailOf(body)}`);
    const answered = columnsOf(body);
    for (const column of columns) {
      const lengths = [answered.get(column)?.values, answered.get(column)?.statuses, answered.get(column)?.times].map((list) => list?.length);
      if (lengths.some((length) => length !== rows)) throw new OnlineFeaturesError('REFUSED', `the feature store does not answer with ${rows} values of '${column}'`);
    }
    return answered;
  }

  private async ask(workspace: string, question: object): Promise<{ readonly status: number; readonly body: unknown }> {
    const { serviceToken, timeoutMs } = this.options;
    const headers = {
      'content-type': 'application/json',
      'x-cairn-workspace': workspace,
      ...(serviceToken !== undefined && { authorization: `Bearer ${serviceToken}` }),
    };
    try {
      const response = await fetch(this.url, { method: 'POST', headers, body: JSON.stringify(question), signal: AbortSignal.timeout(timeoutMs) });
      const body: unknown = await response.json();
      return { status: response.status, body };
    } catch (error) {
      throw away(error instanceof Error && error.name === 'TimeoutError' ? `it does not answer within ${timeoutMs} ms` : 'it does not answer', error);
    }
  }
}

function columnsOf(body: unknown): ReadonlyMap<string, OnlineColumn> {
  if (!isRecord(body) || !Array.isArray(body['results']) || !isRecord(body['metadata'])) return new Map();
  const names = body['metadata']['feature_names'];
  const results: readonly unknown[] = body['results'];
  return new Map((Array.isArray(names) ? names : []).flatMap((name, index) => entryOf(String(name), results[index])));
}

function entryOf(name: string, result: unknown): [string, OnlineColumn][] {
  if (!isRecord(result)) return [];
  const { values, statuses, event_timestamps: times } = result;
  if (!Array.isArray(values) || !Array.isArray(statuses) || !Array.isArray(times)) return [];
  return [[name, { values: values.map((value) => (typeof value === 'number' ? value : null)), statuses: statuses.map(String), times: times.map(String) }]];
}

function detailOf(body: unknown): string {
  return isRecord(body) && typeof body['detail'] === 'string' ? `: ${body['detail'].slice(0, 300)}` : '';
}

function away(why: string, cause?: unknown): OnlineFeaturesError {
  return new OnlineFeaturesError('UNAVAILABLE', `the feature store can't be asked now: ${why}`, { cause });
}
