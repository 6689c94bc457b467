import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, deflate, gunzip, gzip, inflate } from 'node:zlib';
import type { V2Limits } from './limits.js';
import { Deadlines } from './deadlines.js';
import { V2Error } from './v2-error.js';

/** In the order in which we like them. Deflate is the format of RFC 1950, as HTTP has it. */
const CODINGS = ['gzip', 'deflate'] as const;
type Coding = (typeof CODINGS)[number];

const decompress = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;
const compress = { gzip: promisify<Buffer | string, { level: number }, Buffer>(gzip), deflate: promisify<Buffer | string, { level: number }, Buffer>(deflate) } as const;

const deadlines = new Deadlines();

/** Below it a compressed answer is hardly smaller, and the detour through a thread takes longer than the bytes. */
const WORTH_COMPRESSING_BYTES = 1_024;

/**
 * The whole body, of a known length or in chunks; `hold` is told of each chunk and may refuse it. Throws V2Error: 413 above the limit, 408 when it has not come in time, 400
 * when it breaks off. What is refused is read to its end and thrown away first: an answer in the middle of a request is lost on its way through proxies.
 */
export function readBody(payload: Readable, declaredBytes: number, { maxBodyBytes, bodyTimeoutMs }: V2Limits, hold: (bytes: number) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    let refusal: unknown = declaredBytes > maxBodyBytes ? tooLarge(maxBodyBytes) : undefined;
    const take = (chunk: Buffer): void => {
      if (refusal !== undefined) return;
      bytes += chunk.length;
      try {
        if (bytes > maxBodyBytes) throw tooLarge(maxBodyBytes);
        hold(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        refusal = error;
        chunks = [];
      }
    };
    const finish = (): void => {
      stop();
      if (refusal !== undefined) reject(refusal);
      else resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes));
    };
    const giveUp = (error: V2Error): void => {
      stop();
      payload.on('error', () => undefined).resume();
      reject(error);
    };
    const breakOff = (cause?: Error): void => giveUp(new V2Error(400, 'the request body broke off', { cause }));
    const slow = `the request body did not come within ${bodyTimeoutMs / 1_000} s`;
    const callOff = deadlines.set(bodyTimeoutMs, () => giveUp(new V2Error(408, slow, { headers: { connection: 'close' } })));
    const stop = (): void => {
      callOff();
      payload.off('data', take).off('end', finish).off('error', breakOff).off('close', breakOff);
    };
    payload.on('data', take).on('end', finish).on('error', breakOff).on('close', breakOff);
  });
}

/** Throws V2Error: 501 for another coding than gzip and deflate, 413 when there is more in it than a body may have, 400 when it is broken. */
export async function decompressed(body: Buffer, contentEncoding: string | undefined, { maxBodyBytes }: V2Limits): Promise<Buffer> {
  const named = contentEncoding?.trim().toLowerCase() ?? '';
  if (named === '' || named === 'identity') return body;
  const coding = CODINGS.find((known) => known === named);
  if (coding === undefined) {
    throw new V2Error(501, `Content-Encoding '${named.slice(0, 40)}' is not supported; send gzip, deflate or none`, { headers: { 'accept-encoding': CODINGS.join(', ') } });
  }
  try {
    return await decompress[coding](body, { maxOutputLength: maxBodyBytes });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBodyBytes);
    throw new V2Error(400, `the request body can't be decompressed as ${coding}`, { cause });
  }
}

/** As the caller likes it, at the least cost; as it is where they said nothing, or it is small. */
export async function compressed(body: Buffer | string, acceptEncoding: string | undefined): Promise<{ readonly body: Buffer | string; readonly coding: Coding | undefined }> {
  const coding = body.length < WORTH_COMPRESSING_BYTES ? undefined : codingOf(acceptEncoding);
  return coding === undefined ? { body, coding } : { body: await compress[coding](body, { level: constants.Z_BEST_SPEED }), coding };
}

/** The coding with the greatest weight of an Accept-Encoding (RFC 9110, 12.5.3); none where a weight is 0, or as it is weighs more. */
export function codingOf(acceptEncoding: string | undefined): Coding | undefined {
  const weights = new Map((acceptEncoding ?? '').split(',').slice(0, 16).map(weightOf));
  const [best] = CODINGS.map((coding) => ({ coding, weight: weights.get(coding) ?? 0 })).sort((one, other) => other.weight - one.weight);
  return best !== undefined && best.weight > 0 && best.weight >= (weights.get('identity') ?? 0) ? best.coding : undefined;
}

function weightOf(item: string): readonly [coding: string, weight: number] {
  const [coding = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
  const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
  return [coding, Number.isNaN(weight) ? 0 : weight];
}

function tooLarge(maxBodyBytes: number): V2Error {
  return new V2Error(413, `the request body is larger than ${maxBodyBytes} bytes; send rows in more requests`);
}
