import { DomainError } from '@cairn/kernel';
import type { Digest, ObjectStore } from '@cairn/object-store';

/** Of either kind in one question. */
export const MAX_FILES = 10_000;

/** Verified local files, in the same order. Throws DomainError TOO_MANY_FILES, and ObjectStoreError. */
export async function localPaths(objects: ObjectStore, files: readonly { readonly digest: string }[], what: string): Promise<readonly string[]> {
  if (files.length > MAX_FILES) {
    throw new DomainError('TOO_MANY_FILES', `More than ${MAX_FILES} ${what} would have to be read. Ask for a shorter time, and record labels in bulk.`, 'unmet');
  }
  const paths: string[] = [];
  for (const { digest } of files) paths.push(await objects.localPath(digest as Digest));
  return paths;
}
