import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.js';

export interface UrlRules {
  readonly allowsHttp: boolean;
  readonly allowsPrivateAddresses: boolean;
}

const MAX_URL_LENGTH = 2_048;
const LOCAL_NAME = /(^|\.)(localhost|local|internal|localdomain)\.?$/i;

/** Why no request may go there; undefined when one may. What a name resolves to is checked when the connection is made. */
export function urlProblem(text: string, { allowsHttp, allowsPrivateAddresses }: UrlRules): string | undefined {
  if (text.length > MAX_URL_LENGTH) return `The URL has more than ${MAX_URL_LENGTH} characters.`;
  if (!URL.canParse(text)) return 'The URL of a webhook is absolute, e.g. https://ci.example/hook.';
  const { protocol, username, password } = new URL(text);
  if (protocol !== 'https:' && !(allowsHttp && protocol === 'http:')) return 'The URL of a webhook begins with https://.';
  if (username !== '' || password !== '') return 'The URL of a webhook holds no user name and no password: they would be in the log. Use the secret.';
  const host = hostOf(text);
  const isPrivate = isIP(host) === 0 ? LOCAL_NAME.test(host) : !isPublicAddress(host);
  return isPrivate && !allowsPrivateAddresses ? 'The URL of a webhook leads to the public internet, not into the network of this service.' : undefined;
}

/** Without the brackets that a URL puts around an IPv6 address. */
export function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}
