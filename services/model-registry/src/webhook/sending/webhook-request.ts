import { lookup } from 'node:dns';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from './public-address.js';
import { hostOf } from './webhook-url.js';

export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SendingRules {
  readonly allowsPrivateAddresses: boolean;
  readonly timeoutMs: number;
}

export interface WebhookResponse {
  readonly status: number;
  readonly retryAfter?: string;
  /** Its beginning. */
  readonly body: string;
}

/** The connection would leave the public internet. */
export class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress';
}

/** More of an answer is not read. */
const MAX_BODY_BYTES = 2_000;

/**
 * Sends one POST on a connection of its own, past any proxy, and follows no redirect. The address that the name resolves to is checked as the connection is
 * made, so that a name can't point elsewhere between check and use. Rejects with PrivateAddress, or with what went wrong on the way.
 */
export function sendWebhook({ url, headers, body }: WebhookRequest, { allowsPrivateAddresses, timeoutMs }: SendingRules): Promise<WebhookResponse> {
  const host = hostOf(url);
  if (!allowsPrivateAddresses && isIP(host) !== 0 && !isPublicAddress(host)) return Promise.reject(new PrivateAddress());
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const send = new URL(url).protocol === 'http:' ? requestHttp : requestHttps;
    const options = {
      method: 'POST',
      agent: false as const,
      signal,
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'user-agent': 'cairn-webhooks', connection: 'close' },
      ...(!allowsPrivateAddresses && { lookup: publicLookup }),
    };
    const request = send(url, options, (response) => {
      readBeginning(response).then((text) => {
        const retryAfter = response.headers['retry-after'];
        resolve({ status: response.statusCode ?? 0, body: text, ...(retryAfter !== undefined && { retryAfter }) });
      }, reject);
    });
    request.once('error', (error) => reject(signal.aborted ? new Error(`no answer within ${timeoutMs} ms`) : error));
    request.end(body);
  });
}

const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '', 0);
    const [first] = addresses;
    if (first === undefined || addresses.some(({ address }) => !isPublicAddress(address))) return callback(new PrivateAddress(), '', 0);
    return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family);
  });
};

async function readBeginning(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_BODY_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString('utf8').replaceAll('\0', '');
}
