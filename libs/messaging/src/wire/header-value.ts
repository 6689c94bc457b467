/**
 * Header values as the CloudEvents HTTP binding (3.1.3.2) has them: printable ASCII but space, double quote and percent stays, everything
 * else is percent-encoded UTF-8. It also keeps a line break in somebody's name from ending the header.
 */
export function encodeHeader(value: string): string {
  if (PLAIN.test(value)) return value;
  let encoded = '';
  for (const byte of Buffer.from(value, 'utf8')) {
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x25;
    encoded += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** The inverse. Bytes that are no UTF-8 come out as U+FFFD: a header must not stop a consumer. */
export function decodeHeader(value: string): string {
  if (!value.includes('%')) return value;
  const bytes: number[] = [];
  for (const part of value.match(/%[0-9A-Fa-f]{2}|[^]/g) ?? []) {
    if (part.length === 3) bytes.push(Number.parseInt(part.slice(1), 16));
    else bytes.push(...Buffer.from(part, 'utf8'));
  }
  return Buffer.from(bytes).toString('utf8');
}

const PLAIN = /^[!#$&-~]*$/;
