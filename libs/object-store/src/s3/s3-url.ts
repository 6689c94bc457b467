import { ObjectStoreError } from '../errors.js';

export interface S3Location {
  readonly endPoint: string;
  readonly port: number;
  readonly useSSL: boolean;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
  readonly region: string;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** `s3://key:secret@host:port/bucket?tls=0&region=eu-central-1`; TLS unless `tls=0`. Throws UNAVAILABLE without repeating the secret. */
export function parseS3Url(url: URL): S3Location {
  const bucket = url.pathname.slice(1);
  if (url.hostname === '' || url.username === '' || url.password === '' || !BUCKET.test(bucket)) {
    throw new ObjectStoreError('UNAVAILABLE', 'An S3 object store is given as s3://key:secret@host:port/bucket, with ?tls=0 for plain HTTP.');
  }
  const useSSL = url.searchParams.get('tls') !== '0';
  return {
    endPoint: url.hostname,
    port: url.port === '' ? (useSSL ? 443 : 80) : Number(url.port),
    useSSL,
    accessKey: decodeURIComponent(url.username),
    secretKey: decodeURIComponent(url.password),
    bucket,
    region: url.searchParams.get('region') ?? 'us-east-1',
  };
}
