import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { codingOf, compressed, readBody } from './body.js';

const hold = () => undefined;
const limits = { maxBodyBytes: 8, maxJsonBytes: 8, bodyTimeoutMs: 60_000 };

describe('readBody', () => {
  it('puts chunks together', async () => {
    const payload = new PassThrough();
    const body = readBody(payload, 0, limits, hold);
    payload.write('abc');
    payload.end('def');
    expect((await body).toString()).toBe('abcdef');
  });

  it('refuses what is too large when it has come, so that the answer gets through', async () => {
    const payload = new PassThrough();
    const body = readBody(payload, 0, limits, hold);
    payload.write('123456789');
    payload.end(Buffer.alloc(1_000_000));
    await expect(body).rejects.toMatchObject({ status: 413 });
    const announced = new PassThrough();
    const refused = readBody(announced, 9, limits, hold);
    announced.end('123');
    await expect(refused).rejects.toMatchObject({ status: 413 });
  });

  it('refuses what breaks off', async () => {
    const payload = new PassThrough();
    const body = readBody(payload, 0, limits, hold);
    payload.destroy(new Error('gone'));
    await expect(body).rejects.toMatchObject({ status: 400, message: 'the request body broke off' });
  });
});

describe('readBody where there is no room', () => {
  it('refuses as it is told', async () => {
    const payload = new PassThrough();
    const body = readBody(payload, 0, limits, () => {
      throw new Error('no room');
    });
    payload.end('abc');
    await expect(body).rejects.toThrow('no room');
  });
});

describe('codingOf', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['br', undefined],
    ['gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['gzip, deflate', 'gzip'],
    ['GZIP;q=0.5, deflate', 'deflate'],
    ['gzip;q=0', undefined],
    ['gzip;q=x', undefined],
    ['gzip;q=0.5, identity', undefined],
  ])('of %j is %s', (header, coding) => {
    expect(codingOf(header)).toBe(coding);
  });
});

describe('compressed', () => {
  it('leaves small answers as they are', async () => {
    const body = Buffer.alloc(1_023);
    expect(await compressed(body, 'gzip')).toEqual({ body, coding: undefined });
    expect(await compressed(Buffer.alloc(1_024), 'gzip')).toMatchObject({ coding: 'gzip' });
  });
});
