import { randomBytes, randomUUID } from 'node:crypto';
import type { SubjectKey, SubjectKeys } from './subject-keys.js';

const SECRET_BYTES = 32;

export function newSubjectKey(): SubjectKey {
  return { id: randomUUID(), secret: randomBytes(SECRET_BYTES) };
}

/** For specs: keys that end with the process. */
export class MemorySubjectKeys implements SubjectKeys {
  private readonly bySubject = new Map<string, SubjectKey>();

  async keyOf(subject: string): Promise<SubjectKey> {
    const key = this.bySubject.get(subject) ?? newSubjectKey();
    this.bySubject.set(subject, key);
    return key;
  }

  async find(ids: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    return new Map([...this.bySubject.values()].filter(({ id }) => ids.includes(id)).map((key) => [key.id, key]));
  }

  async erase(subject: string): Promise<boolean> {
    return this.bySubject.delete(subject);
  }
}
