import type { NodeConnectionOptions } from '@nats-io/transport-node';

/**
 * `nats://[user:password@|token@]host[:port]`, several separated by commas; `tls://` asks for TLS. Who we are is taken from the first.
 */
export function connectionOptions(url: string): Pick<NodeConnectionOptions, 'servers' | 'user' | 'pass' | 'token' | 'tls'> {
  const addresses = url.split(',').map((one) => new URL(one.includes('://') ? one.trim() : `nats://${one.trim()}`));
  const [first] = addresses;
  const username = decodeURIComponent(first?.username ?? '');
  const password = decodeURIComponent(first?.password ?? '');
  return {
    servers: addresses.map(({ host }) => host),
    ...(password !== '' && { user: username, pass: password }),
    ...(username !== '' && password === '' && { token: username }),
    ...(addresses.some(({ protocol }) => protocol === 'tls:') && { tls: {} }),
  };
}
