import { decodeEvent, type EventOf, type Plain, type registry } from '@cairn/contracts';
import type { JsonObject } from '@cairn/kernel';

/** A signature from the proto3 JSON of a row; undefined for a version without one. */
export function convertStoredSignature(text: string): Plain<registry.Signature> | undefined {
  const signature = JSON.parse(text) as JsonObject;
  if (Object.keys(signature).length === 0) return undefined;
  return decodeEvent<EventOf<registry.ModelVersionCreated>>('cairn.registry.v1.ModelVersionCreated', { signature }).data.signature;
}
