/**
 * A tensor as the binary tensor extension writes it: little endian, row-major, an element of BYTES behind its length as u32. Nothing here is read or written by the code
 * that is tested.
 */
export interface CaseTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

/** Halves are their bits. */
export type Element = number | bigint | boolean | string;

interface ElementFacts {
  readonly size: number;
  readonly read: (bytes: Buffer, at: number) => Exclude<Element, string>;
  readonly write: (bytes: Buffer, at: number, value: never) => void;
}

const fact = <Value extends Exclude<Element, string>>(
  size: number,
  read: (bytes: Buffer, at: number) => Value,
  write: (bytes: Buffer, at: number, value: Value) => void,
): ElementFacts => ({ size, read, write });

const facts: Readonly<Record<string, ElementFacts>> = {
  BOOL: fact(1, (bytes, at) => bytes.readUInt8(at) !== 0, (bytes, at, value) => bytes.writeUInt8(Number(value), at)),
  UINT8: fact(1, (bytes, at) => bytes.readUInt8(at), (bytes, at, value) => bytes.writeUInt8(value, at)),
  UINT16: fact(2, (bytes, at) => bytes.readUInt16LE(at), (bytes, at, value) => bytes.writeUInt16LE(value, at)),
  UINT32: fact(4, (bytes, at) => bytes.readUInt32LE(at), (bytes, at, value) => bytes.writeUInt32LE(value, at)),
  UINT64: fact(8, (bytes, at) => bytes.readBigUInt64LE(at), (bytes, at, value) => bytes.writeBigUInt64LE(value, at)),
  INT8: fact(1, (bytes, at) => bytes.readInt8(at), (bytes, at, value) => bytes.writeInt8(value, at)),
  INT16: fact(2, (bytes, at) => bytes.readInt16LE(at), (bytes, at, value) => bytes.writeInt16LE(value, at)),
  INT32: fact(4, (bytes, at) => bytes.readInt32LE(at), (bytes, at, value) => bytes.writeInt32LE(value, at)),
  INT64: fact(8, (bytes, at) => bytes.readBigInt64LE(at), (bytes, at, value) => bytes.writeBigInt64LE(value, at)),
  FP16: fact(2, (bytes, at) => bytes.readUInt16LE(at), (bytes, at, value) => bytes.writeUInt16LE(value, at)),
  FP32: fact(4, (bytes, at) => bytes.readFloatLE(at), (bytes, at, value) => bytes.writeFloatLE(value, at)),
  FP64: fact(8, (bytes, at) => bytes.readDoubleLE(at), (bytes, at, value) => bytes.writeDoubleLE(value, at)),
};

export function isKnown(datatype: string): boolean {
  return datatype === 'BYTES' || Object.hasOwn(facts, datatype);
}

export function elementsOf({ datatype, bytes }: CaseTensor): Element[] {
  if (datatype === 'BYTES') return textsOf(bytes).map(String);
  const { size, read } = factsOf(datatype);
  return Array.from({ length: bytes.length / size }, (_, index) => read(bytes, index * size));
}

export function bytesOf(datatype: string, elements: readonly Element[]): Buffer {
  if (datatype === 'BYTES') return bytesOfTexts(elements.map((element) => Buffer.from(String(element))));
  const { size, write } = factsOf(datatype);
  const bytes = Buffer.alloc(elements.length * size);
  elements.forEach((element, index) => write(bytes, index * size, element as never));
  return bytes;
}

export function textsOf(bytes: Buffer): Buffer[] {
  const texts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32LE(at);
    texts.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return texts;
}

export function bytesOfTexts(texts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(text.length);
      return [length, text];
    }),
  );
}

function factsOf(datatype: string): ElementFacts {
  const found = facts[datatype];
  if (found === undefined) throw new Error(`no case that is looked at has elements of ${datatype}`);
  return found;
}
