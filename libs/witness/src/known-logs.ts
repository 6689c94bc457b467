import { parseVerifier, TransparencyError, type NoteVerifier } from '@cairn/transparency';
import { readText } from '@cairn/durable-file';
import { WitnessError } from './errors.js';

/** The logs that are cosigned, by origin. A log that is changing its key has two for a while. */
export type KnownLogs = ReadonlyMap<string, readonly NoteVerifier[]>;

/** Throws LOGS_MISSING or LOGS_MALFORMED. */
export async function readKnownLogs(path: string): Promise<KnownLogs> {
  const text = await readText(path);
  if (text === undefined) throw new WitnessError('LOGS_MISSING', `The file with the verifier keys of the logs is missing: ${path}.`);
  return parseKnownLogs(text);
}

/** Verifier keys, one a line; the name of the key is the origin of its log. Empty lines and lines that begin with `#` are passed over. Throws LOGS_MALFORMED. */
export function parseKnownLogs(text: string): KnownLogs {
  const logs = new Map<string, NoteVerifier[]>();
  const seen = new Set<string>();
  for (const [index, untrimmed] of text.split('\n').entries()) {
    const line = untrimmed.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (seen.has(line)) throw new WitnessError('LOGS_MALFORMED', `Line ${index + 1} of the logs repeats a key.`);
    seen.add(line);
    const verifier = verifierOf(line, index + 1);
    logs.set(verifier.name, [...(logs.get(verifier.name) ?? []), verifier]);
  }
  return logs;
}

function verifierOf(line: string, number: number): NoteVerifier {
  try {
    return parseVerifier(line);
  } catch (error) {
    if (!(error instanceof TransparencyError)) throw error;
    throw new WitnessError('LOGS_MALFORMED', `Line ${number} of the logs is no verifier key of a log (type 0x01).`, { cause: error });
  }
}
