import type { Logging } from '../../deployment/domain/logging.js';
import { shareOf } from '../../router/share.js';
import type { InferenceEntry } from './segment-buffer.js';

/**
 * Whether the rows of a request are kept. It follows from the id alone, so that anybody can tell again which ones were, a comparison is kept with the answer that it
 * belongs to, and those of a smaller sample are among those of a larger one.
 */
export function isSampled(inferenceId: string, sampleRate: number): boolean {
  return sampleRate >= 1 || shareOf('sample', inferenceId) < sampleRate;
}

/** What is taken out of the rows of one list of features before they go anywhere. */
export class Redaction {
  /** Of these features, those whose values nobody may keep. */
  readonly redacted: readonly string[];
  /** Of the list and of what is taken out of it: rows of different ones can't share a file. */
  readonly key: string;
  private readonly places: readonly number[];

  constructor(
    readonly logging: Logging,
    private readonly columns: readonly string[],
  ) {
    const names = new Set(logging.redactedColumns);
    this.places = columns.flatMap((name, place) => (names.has(name) ? [place] : []));
    this.redacted = columns.filter((name) => names.has(name));
    this.key = JSON.stringify([columns, this.redacted]);
  }

  /** The entry itself where nothing is to be taken out; whoever ran the request may still read its features. */
  apply(entry: InferenceEntry): InferenceEntry {
    if (this.places.length === 0) return entry;
    const features = entry.features.slice();
    for (let row = 0; row < features.length; row += this.columns.length) {
      for (const place of this.places) features[row + place] = Number.NaN;
    }
    return { ...entry, features };
  }
}
