import { BlockList, isIP } from 'node:net';

/**
 * Special-purpose addresses of the IANA registries: of the machine, of its network, of nobody. Forms that carry an IPv4 address inside are refused whole, which
 * is why each family has a list of its own: Node.js takes an IPv4 address for its mapped form.
 */
const RESERVED = { ipv4: new BlockList(), ipv6: new BlockList() };
const V4 = ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24']
  .concat(['192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4']);
const V6 = ['::/96', '::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', '5f00::/16', 'fc00::/7']
  .concat(['fe80::/10', 'fec0::/10', 'ff00::/8']);

for (const [family, ranges] of [['ipv4', V4], ['ipv6', V6]] as const) {
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/');
    RESERVED[family].addSubnet(network, Number(prefix), family);
  }
}

/** Whether an address is one of the public internet; false for what is no address. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  return !RESERVED[family].check(address, family);
}
