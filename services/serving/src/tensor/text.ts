import { TensorError } from './tensor.js';

/** Under the flag `u` a pair of surrogates is one character of another kind: what matches stands alone. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** A BOM at the beginning belongs to the text. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Throws TensorError for what ONNX Runtime would change without a word: it ends a string at NUL, and puts U+FFFD where a surrogate stands alone. */
export function checkText(name: string, index: number, text: string): void {
  if (text.includes('\0')) throw refused(name, index, 'has a NUL character, where ONNX Runtime would cut it off');
  if (LONE_SURROGATE.test(text)) throw refused(name, index, 'has half a surrogate pair, which UTF-8 can’t say');
}

/** One element of a BYTES tensor. Throws TensorError when it is not UTF-8, or what `checkText` refuses. */
export function textFromElement(name: string, index: number, bytes: Uint8Array): string {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw refused(name, index, 'is not valid UTF-8: ONNX Runtime takes texts alone, so send other bytes as base64');
  }
  checkText(name, index, text);
  return text;
}

/** Elements one behind the other, each its length as u32 little endian and then that many bytes. Throws TensorError when they are not exactly `elements`. */
export function textsFromBytes(name: string, bytes: Uint8Array, elements: number): string[] {
  if (elements * 4 > bytes.length) throw wrongSize(name, `${elements} elements need more than ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  let offset = 0;
  while (texts.length < elements) {
    if (offset + 4 > bytes.length) throw wrongSize(name, `its data ends before the length of element ${texts.length}`);
    const end = offset + 4 + view.getUint32(offset, true);
    if (end > bytes.length) throw wrongSize(name, `element ${texts.length} is longer than what is left of its data`);
    texts.push(textFromElement(name, texts.length, bytes.subarray(offset + 4, end)));
    offset = end;
  }
  if (offset !== bytes.length) throw wrongSize(name, `${bytes.length - offset} bytes are left after its ${elements} elements`);
  return texts;
}

export function bytesFromTexts(texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}

function refused(name: string, index: number, reason: string): TensorError {
  return new TensorError(`input '${name}': the text at ${index} ${reason}`);
}

function wrongSize(name: string, reason: string): TensorError {
  return new TensorError(`unexpected size for input '${name}': ${reason}`);
}
