import type { FastifyRequest } from '@cairn/service';
import { workspaceOf as workspaceIn } from '@cairn/service';
import { decompressed } from './body.js';
import type { BodyMemory } from './body-memory.js';
import type { JsonRecord } from '../json-record.js';
import { parseJson } from './decode-request.js';
import type { V2Limits } from './limits.js';
import { V2Error } from './v2-error.js';

export interface BodyParts {
  readonly limits: V2Limits;
  readonly memory: BodyMemory;
}

export function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

export function workspaceOf(request: FastifyRequest): string {
  return workspaceIn(request.headers);
}

/** As it was before it was compressed; empty when there is none. */
export async function bodyOf(request: FastifyRequest, { limits, memory }: BodyParts): Promise<Buffer> {
  const sent = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const body = await decompressed(sent, header(request, 'content-encoding'), limits);
  if (body !== sent) memory.hold(request.raw, body.length);
  return body;
}

/** No body is an empty object: clients leave out what they have nothing to say in. */
export async function jsonOf(request: FastifyRequest, parts: BodyParts): Promise<JsonRecord> {
  const { limits } = parts;
  const body = await bodyOf(request, parts);
  if (body.length > limits.maxJsonBytes) throw new V2Error(400, `request JSON of ${body.length} bytes exceeds maximum size of ${limits.maxJsonBytes}`);
  return body.length === 0 ? {} : parseJson(body);
}
