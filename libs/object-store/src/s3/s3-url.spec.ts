import { describe, expect, it } from 'vitest';
import { parseS3Url } from './s3-url.js';

describe('parseS3Url', () => {
  it('reads all parts', () => {
    expect(parseS3Url(new URL('s3://key:se%2Fcret@store.example:9000/bucket?tls=0&region=eu-central-1'))).toEqual({
      endPoint: 'store.example', port: 9000, useSSL: false, accessKey: 'key', secretKey: 'se/cret', bucket: 'bucket', region: 'eu-central-1',
    });
  });

  it('uses TLS and its port unless told otherwise', () => {
    expect(parseS3Url(new URL('s3://key:secret@store.example/bucket'))).toMatchObject({ port: 443, useSSL: true });
  });

  it.each(['s3://store.example/bucket', 's3://key:secret@store.example/', 's3://key:secret@store.example/a/b', 's3://key:secret@store.example/UP'])('refuses %s', (url) => {
    expect(() => parseS3Url(new URL(url))).toThrow('s3://key:secret@host:port/bucket');
  });
});
