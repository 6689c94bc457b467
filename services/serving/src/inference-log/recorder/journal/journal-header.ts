import { readFileSync } from 'node:fs';

/** The first line of a journal, as JSON: whose rows these are, and what becomes of them. */
export interface JournalHeader {
  readonly format: 'cairn-predictions-1';
  readonly segmentId: string;
  readonly workspace: string;
  readonly deploymentId: string;
  readonly deploymentName: string;
  readonly columns: readonly string[];
  readonly redacted: readonly string[];
  /** Of the machine while it wrote: another one at the reading means that it was down in between. Empty where the system does not say. */
  readonly bootId: string;
}

let known: string | undefined;

/** Linux names each start of the machine; elsewhere a crash of the machine can't be told from one of the process. */
export function bootId(): string {
  known ??= readBootId();
  return known;
}

/** Undefined for what is no header of this format. */
export function parseHeader(line: string): JournalHeader | undefined {
  try {
    const header = JSON.parse(line) as Partial<JournalHeader>;
    return header.format === 'cairn-predictions-1' ? (header as JournalHeader) : undefined;
  } catch {
    return undefined;
  }
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
