import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { DomainError } from '@cairn/kernel';
import type { OtlpEncoding } from '../otlp/export-request.js';

/** After decompression: a small body may be the beginning of a large one. */
const MAX_BYTES = 16 * 1024 * 1024;

const decompressors = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;

/** `application/x-protobuf` or `application/json`, whatever parameters follow. Throws DomainError UNSUPPORTED_OTLP. */
export function encodingOf(contentType: string): OtlpEncoding {
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/x-protobuf') return 'protobuf';
  if (type === 'application/json') return 'json';
  throw new DomainError('UNSUPPORTED_OTLP', `Invalid Content-Type: ${contentType.slice(0, 100)}. Expected: application/x-protobuf or application/json`, 'invalid');
}

/** Throws DomainError UNSUPPORTED_OTLP, INVALID_OTLP or OTLP_TOO_LARGE. */
export async function decompressed(body: Uint8Array, contentEncoding: string): Promise<Uint8Array> {
  const coding = contentEncoding.trim().toLowerCase();
  if (coding === '' || coding === 'identity') return body;
  if (coding !== 'gzip' && coding !== 'deflate') {
    throw new DomainError('UNSUPPORTED_OTLP', `Unsupported Content-Encoding: ${coding.slice(0, 100)}. Send gzip, deflate or none.`, 'invalid');
  }
  try {
    return await decompressors[coding](body, { maxOutputLength: MAX_BYTES });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new DomainError('OTLP_TOO_LARGE', `The export has more than ${MAX_BYTES / 1024 / 1024} MiB when it is decompressed: send fewer spans at once.`, 'invalid', { cause });
    }
    throw new DomainError('INVALID_OTLP', `The body can’t be decompressed as ${coding}.`, 'invalid', { cause });
  }
}
