/** The key that seals what the log says about one person. */
export interface SubjectKey {
  /** UUID. Stands beside every text that the key seals, and says nothing about whose it is. */
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

/**
 * Where the keys of data subjects are kept, apart from the log: to erase one is to make every text unreadable that it sealed. A subject is a text, taken as
 * it is.
 */
export interface SubjectKeys {
  /** The subject's key, made and durable when there was none. Throws UNAVAILABLE. */
  keyOf(subject: string): Promise<SubjectKey>;
  /** Those of these keys that are there; one that was erased is not. Throws UNAVAILABLE. */
  find(ids: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>>;
  /** For ever. False when the subject has no key. A later event about the same subject gets another key. */
  erase(subject: string): Promise<boolean>;
}
