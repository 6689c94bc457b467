import { DomainError } from '@cairn/kernel';
import { ObjectStoreError } from '@cairn/object-store';
import { TabularError } from '@cairn/tabular';

/** What a file that the log names turned out to be: missing, changed, or out of reach for now. */
export function evidenceError(error: unknown): unknown {
  if (error instanceof ObjectStoreError) {
    switch (error.code) {
      case 'NOT_FOUND':
        return new DomainError('EVIDENCE_MISSING', 'A file that the log names is not in the object store any more.', 'unmet', { cause: error });
      case 'DIGEST_MISMATCH':
        return new DomainError('EVIDENCE_CHANGED', 'A file in the object store does not have the bytes that the log recorded.', 'unmet', { cause: error });
      case 'TOO_LARGE':
      case 'UNAVAILABLE':
        return new DomainError('EVIDENCE_UNREACHABLE', 'The object store can not be reached.', 'busy', { cause: error });
    }
  }
  if (error instanceof TabularError && ['BUSY', 'ENGINE_CRASHED', 'CLOSED'].includes(error.code)) {
    return new DomainError('EVIDENCE_UNREACHABLE', 'The files of predictions can not be searched right now.', 'busy', { cause: error });
  }
  return error;
}
