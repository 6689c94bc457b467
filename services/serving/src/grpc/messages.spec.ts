import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { inference } from '@cairn/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkInferMessage, checkPlainMessage, reader, Unreadable } from './messages.js';

const schema = inference.ModelInferRequestSchema;
const bytesOf = (request: MessageInitShape<typeof schema>): Buffer => Buffer.from(toBinary(schema, create(schema, request)));
const read = (bytes: Buffer): unknown => {
  const message = reader(schema, (checked) => checkInferMessage(checked, { maxJsonBytes: 2 * 1024 * 1024 }))(bytes);
  return message instanceof Unreadable ? message.reason.message : message;
};

describe('reader', () => {
  it('reads a message, and leaves out what it does not know', () => {
    const request = { modelName: 'm', inputs: [{ name: 'x', datatype: 'FP32', shape: [1n], contents: { fp32Contents: [1] } }] };
    expect(read(Buffer.concat([bytesOf(request), Buffer.from([0xf8, 0x3f, 0x01])]))).toEqual(create(schema, request));
  });

  it('makes something of any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => read(Buffer.from(bytes)) !== undefined));
  });

  it.each([
    ['a tag that is none', [0x00]],
    ['a length beyond the end', [0x2a, 0x7f]],
    ['a length beyond the end of an input', [0x2a, 0x02, 0x0a, 0x7f]],
    ['a name that is no text', [0x0a, 0x01, 0xff]],
    ['a group that does not end', [0x0b]],
  ])('refuses %s', (_what, bytes) => {
    expect(read(Buffer.from(bytes))).toBe('the message is no valid inference.ModelInferRequest');
  });

  it('takes raw tensors of any size, but little beside them', () => {
    expect(read(bytesOf({ rawInputContents: [new Uint8Array(8 * 1024 * 1024)] }))).toMatchObject({ modelName: '' });
    const typed = { contents: { boolContents: new Array<boolean>(2 ** 21).fill(true) } };
    expect(read(bytesOf({ inputs: [typed] }))).toContain('beside raw_input_contents exceeds maximum size of 2097152');
  });

  it('refuses more parts than a request has before it makes them', () => {
    const empty = Buffer.from([0x2a, 0x00]);
    expect(read(Buffer.concat(new Array<Buffer>(10_001).fill(empty)))).toBe('the request has more than 10000 inputs, outputs and parameters');
    const parameter = Buffer.from([0x22, 0x00]);
    const input = Buffer.concat([Buffer.from([0x2a, 0xa2, 0x9c, 0x01]), Buffer.concat(new Array<Buffer>(10_001).fill(parameter))]);
    expect(read(input)).toBe('the request has more than 10000 inputs, outputs and parameters');
  });
});

describe('checkPlainMessage', () => {
  it('refuses what is longer than a question', () => {
    expect(() => checkPlainMessage(new Uint8Array(1024 * 1024))).not.toThrow();
    expect(() => checkPlainMessage(new Uint8Array(1024 * 1024 + 1))).toThrow('exceeds maximum size of 1048576');
  });
});
