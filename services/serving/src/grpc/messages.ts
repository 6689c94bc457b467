import { create, fromBinary, toBinary, type DescMessage, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { V2Limits } from '../v2/limits.js';
import { V2Error } from '../v2/v2-error.js';

/** Bytes of a message that carries no tensors. */
const MAX_PLAIN_BYTES = 1024 * 1024;
/** Inputs, outputs, parameters and raw tensors of a request, and the fields of these. */
const MAX_FIELDS = 10_000;

/** Field numbers of inference.ModelInferRequest. */
const PARAMETERS = 4;
const INPUTS = 5;
const OUTPUTS = 6;
const RAW_INPUT_CONTENTS = 7;

/** A message that can't be read, in place of what it would have been: whoever handles the call says so with the right status. */
export class Unreadable {
  constructor(readonly reason: V2Error) {}
}

/** Reads messages of a kind after `check` has let their bytes pass. */
export function reader<Desc extends DescMessage>(schema: Desc, check: (bytes: Uint8Array) => void): (bytes: Buffer) => MessageShape<Desc> | Unreadable {
  return (bytes) => {
    try {
      check(bytes);
      return fromBinary(schema, bytes, { readUnknownFields: false });
    } catch (cause) {
      return new Unreadable(cause instanceof V2Error ? cause : new V2Error(400, `the message is no valid ${schema.typeName}`, { cause }));
    }
  };
}

export function writer<Desc extends DescMessage>(schema: Desc): (message: MessageInitShape<Desc>) => Buffer {
  return (message) => {
    const bytes = toBinary(schema, create(schema, message), { writeUnknownFields: false });
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

/** Throws V2Error 413. */
export function checkPlainMessage(bytes: Uint8Array): void {
  if (bytes.length > MAX_PLAIN_BYTES) throw new V2Error(413, `a message of ${bytes.length} bytes exceeds maximum size of ${MAX_PLAIN_BYTES}`);
}

/**
 * Looks at how an infer request is built before its parts are made: two bytes can become an object of hundreds, and one element of `contents` a number on the heap. Raw
 * tensors stay the bytes that they are; everything else is read element by element, as JSON is, and has its limit. Throws V2Error 400, and
 * what the reader throws at bytes that are no message.
 */
export function checkInferMessage(bytes: Uint8Array, { maxJsonBytes }: Pick<V2Limits, 'maxJsonBytes'>): void {
  const message = new BinaryReader(bytes);
  let fields = 0;
  let rawBytes = 0;
  const count = (): void => {
    fields += 1;
    if (fields > MAX_FIELDS) throw new V2Error(400, `the request has more than ${MAX_FIELDS} inputs, outputs and parameters`);
  };
  while (message.pos < message.len) {
    const [number, wireType] = message.tag();
    count();
    if (wireType !== WireType.LengthDelimited) message.skip(wireType, number);
    else if (number === RAW_INPUT_CONTENTS) rawBytes += message.bytes().length;
    else if (number === PARAMETERS || number === INPUTS || number === OUTPUTS) countFields(message.bytes(), count);
    else message.bytes();
  }
  const otherBytes = bytes.length - rawBytes;
  if (otherBytes > maxJsonBytes) {
    const problem = `a request with ${otherBytes} bytes beside raw_input_contents exceeds maximum size of ${maxJsonBytes}`;
    throw new V2Error(400, `${problem}; send raw_input_contents, or rows in more requests`);
  }
}

function countFields(bytes: Uint8Array, count: () => void): void {
  const part = new BinaryReader(bytes);
  while (part.pos < part.len) {
    const [number, wireType] = part.tag();
    count();
    if (wireType === WireType.LengthDelimited) part.bytes();
    else part.skip(wireType, number);
  }
}
