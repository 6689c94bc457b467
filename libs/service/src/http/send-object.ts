import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { HttpException } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { byteRangeOf } from './byte-range.js';

export interface SentObject {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** What says how it is to be shown or saved, e.g. its type. */
  readonly headers: Readonly<Record<string, string>>;
}

const RANGE_NOT_SATISFIABLE = 416;

/**
 * Answers with a stored object as a stream: all of it, one range of its bytes (206), or for HEAD its headers alone. Never more than a chunk of it is in memory. Throws
 * HttpException 416 for a range that lies outside, and ObjectStoreError. The first range of an object costs a reading of the whole: no part is given out of content
 * that is not what its digest says.
 */
export async function sendObject(reply: FastifyReply, objects: ObjectStore, { digest, sizeBytes, headers }: SentObject): Promise<void> {
  const { method, headers: asked } = reply.request;
  const etag = `"${digest}"`;
  const described = { ...headers, etag, 'accept-ranges': 'bytes' };
  if (method === 'HEAD') {
    // A range is defined for GET alone. The length would be that of what is sent, were it not a stream.
    await reply.headers({ ...described, 'content-length': String(sizeBytes) }).send(Readable.from([]));
    return;
  }
  const ifRange = asked['if-range'];
  const range = byteRangeOf({ range: asked.range, ifRange: Array.isArray(ifRange) ? ifRange.join() : ifRange }, sizeBytes, etag);
  if (range === 'outside') {
    void reply.headers({ 'accept-ranges': 'bytes', 'content-range': `bytes */${sizeBytes}` });
    throw new HttpException(`The range lies outside of the ${sizeBytes} bytes that there are.`, RANGE_NOT_SATISFIABLE);
  }
  if (range === 'all') {
    const content = await objects.open(digest);
    await reply.headers({ ...described, 'content-length': String(sizeBytes) }).send(content);
    return;
  }
  const { start, end } = range;
  const content = createReadStream(await objects.localPath(digest), { start, end });
  const part = { 'content-length': String(end - start + 1), 'content-range': `bytes ${start}-${end}/${sizeBytes}` };
  await reply.code(206).headers({ ...described, ...part }).send(content);
}
