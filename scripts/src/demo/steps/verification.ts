import { tilesByPath, verifyCopy, type LogVerdict } from '@cairn/transparency';
import type { Demo } from '../context.js';
import { hold } from '../expectation.js';

interface LogPage {
  readonly events: readonly { readonly position: string; readonly body: string }[];
  readonly next: string;
}

interface LogSize {
  readonly position: string;
}

export interface Verification {
  readonly rootVerified: boolean;
  readonly tamperDetectedAt: number;
  readonly events: number;
  readonly bySource: ReadonlyMap<string, number>;
}

const PAGE = 1_000;

/** Copies the log, verifies the copy offline against the signed checkpoint, then flips one byte of it and verifies again. */
export async function verificationStep({ ana, out }: Demo): Promise<Verification> {
  const checkpoint = await ana.text('/checkpoint');
  const verifierKey = (await ana.text('/lineage/v1/log/key')).trim();
  const size = Number(checkpoint.split('\n')[1]);
  const lines = await copyLog(ana, size);
  const tiles = tilesByPath(async (path) => ana.bytes(`/${path}`));

  const intact = await verifyCopy(iterate(lines), { checkpoint, verifierKey, tiles });
  hold(intact.verified, `the copy of the log does not verify: first bad position ${String(intact.firstBadPosition)}`);
  out.good(`${size.toLocaleString('en')} events hash to the root of the signed checkpoint`);
  out.detail(checkpoint.trimEnd().split('\n').slice(0, 3).join(' · '));

  const victim = Math.floor(lines.length * 0.6);
  const forged = await verifyCopy(iterate(withFlippedByte(lines, victim)), { checkpoint, verifierKey, tiles });
  const detected = positionOf(forged);
  hold(!forged.verified && detected === victim, `byte flipped in event ${victim}, but verification says ${String(detected)}`);
  out.good(`One byte flipped in a copy of event ${victim}: verification fails and names event ${detected}`);
  return { rootVerified: intact.verified, tamperDetectedAt: victim, events: lines.length, bySource: countBySource(lines) };
}

async function copyLog(ana: Demo['ana'], size: number): Promise<string[]> {
  const lines: string[] = [];
  for (let from = '0'; lines.length < size; ) {
    const page = await ana.get<LogPage>(`/lineage/v1/log/events?from=${from}&limit=${PAGE}`);
    hold(page.events.length > 0, `the log ends at ${lines.length} of ${size} events`);
    for (const event of page.events) if (lines.length < size) lines.push(JSON.stringify(event));
    from = page.next;
  }
  return lines;
}

export async function logSize({ ana }: Demo): Promise<string> {
  return (await ana.get<LogSize>('/lineage/v1/log/size')).position;
}

/** The lowest bit of one letter in the middle of the body. */
function withFlippedByte(lines: readonly string[], victim: number): readonly string[] {
  return lines.map((line, index) => {
    if (index !== victim) return line;
    const { position, body } = JSON.parse(line) as { position: string; body: string };
    const bytes = Buffer.from(body, 'utf8');
    const middle = bytes.findIndex((byte, at) => at > bytes.length / 2 && byte >= 97 && byte <= 122);
    bytes[middle] = (bytes[middle] ?? 97) ^ 1;
    return JSON.stringify({ position, body: bytes.toString('utf8') });
  });
}

function countBySource(lines: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const { body } = JSON.parse(line) as { body: string };
    const { source } = JSON.parse(body) as { source: string };
    counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  return counts;
}

function positionOf(verdict: LogVerdict): number | undefined {
  return verdict.firstBadPosition === undefined ? undefined : Number(verdict.firstBadPosition.toString());
}

async function* iterate(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}
