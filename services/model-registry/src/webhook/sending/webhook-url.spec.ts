import { describe, expect, it } from 'vitest';
import { isPublicAddress } from './public-address.js';
import { urlProblem } from './webhook-url.js';

const STRICT = { allowsHttp: false, allowsPrivateAddresses: false };
const OPEN = { allowsHttp: true, allowsPrivateAddresses: true };

describe('urlProblem', () => {
  it.each(['https://ci.example/hook?x=1', 'https://93.184.216.34/', 'https://[2606:2800:220:1::1]:8443/'])('lets %s pass', (url) => {
    expect(urlProblem(url, STRICT)).toBeUndefined();
  });

  it.each([
    '', 'hook', 'http://ci.example/', 'ftp://ci.example/', 'file:///etc/passwd', 'https://', 'https://user:pw@ci.example/', 'https://localhost/', 'https://a.localhost./',
    'https://metadata.google.internal/', 'https://127.0.0.1/', 'https://127.1/', 'https://0x7f000001/', 'https://2130706433/', 'https://0177.0.0.1/', 'https://0/',
    'https://169.254.169.254/latest', 'https://10.1.2.3/', 'https://172.31.0.1/', 'https://192.168.1.1/', 'https://100.64.0.1/', 'https://[::1]/', 'https://[::]/',
    'https://[::ffff:127.0.0.1]/', 'https://[fe80::1]/', 'https://[fd00::1]/', 'https://[64:ff9b::7f00:1]/', 'https://[2002:7f00:1::]/', `https://ci.example/${'x'.repeat(2_048)}`,
  ])('refuses %s', (url) => expect(urlProblem(url, STRICT)).toBeTypeOf('string'));

  it('opens what the configuration opens, and no more', () => {
    expect(urlProblem('http://127.0.0.1:9/', OPEN)).toBeUndefined();
    expect(urlProblem('https://127.0.0.1:9/', { ...STRICT, allowsHttp: true })).toBeTypeOf('string');
    expect(urlProblem('ftp://127.0.0.1:9/', OPEN)).toBeTypeOf('string');
  });
});

describe('isPublicAddress', () => {
  it('knows public addresses from others', () => {
    for (const address of ['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111']) expect(isPublicAddress(address)).toBe(true);
    for (const address of ['', 'localhost', '255.255.255.255', '224.0.0.1', '::ffff:8.8.8.8', 'ff02::1']) expect(isPublicAddress(address)).toBe(false);
  });
});
