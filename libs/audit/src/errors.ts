/**
 * What keeps a bundle from being written or looked at; a bundle that was looked at and is bad is a Finding, not an error.
 *
 * FILE_UNREADABLE    the bundle's file is not there or can't be read.
 * EVIDENCE_UNUSABLE  a key, checkpoint or policy that the auditor gave is none.
 * NOT_COVERED        the bundle does not hold what the question needs, so that it can't be answered from it.
 * RANGE_UNUSABLE     the log has no such range, or one bundle can't hold it.
 * LOG_UNUSABLE       the log gave no checkpoint of its own key, or lacks a tile or an entry that its checkpoint covers.
 */
export type AuditErrorCode = 'FILE_UNREADABLE' | 'EVIDENCE_UNUSABLE' | 'NOT_COVERED' | 'RANGE_UNUSABLE' | 'LOG_UNUSABLE';

export class AuditError extends Error {
  override readonly name = 'AuditError';

  constructor(
    readonly code: AuditErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
