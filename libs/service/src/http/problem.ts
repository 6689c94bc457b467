import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { DomainError, type RefusalKind } from '@cairn/kernel';
import { libraryProblem } from './library-problems.js';
import { ValidationFailed } from './validation.js';

/** RFC 9457 problem details, with a stable code. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly instance?: string;
  readonly errors?: readonly FieldError[];
}

export interface FieldError {
  /** JSON pointer into the body, e.g. `/features/0/name`. */
  readonly pointer: string;
  readonly detail: string;
}

export const statusOfKind: Readonly<Record<RefusalKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  unmet: 422,
  busy: 503,
};

/** What a caller may read about any error; unknown ones say nothing but that they are ours. Also for filters of foreign protocols. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ValidationFailed) return { ...problem(400, error.code, error.message), errors: error.errors };
  if (error instanceof DomainError) return problem(statusOfKind[error.kind], error.code, error.message);
  const ofLibrary = libraryProblem(error);
  if (ofLibrary !== undefined) return problem(ofLibrary.status, ofLibrary.code, ofLibrary.detail);
  if (error instanceof HttpException) return ofHttpException(error);
  if (isConnectionLoss(error)) return problem(503, 'DATABASE_UNAVAILABLE', 'The database can’t be reached.');
  return problem(500, 'INTERNAL', 'Something went wrong on our side. The log has the details under this trace id.');
}

function problem(status: number, code: string, detail: string): Problem {
  return { type: `urn:cairn:problem:${code.toLowerCase().replaceAll('_', '-')}`, title: STATUS_CODES[status] ?? 'Error', status, code, detail };
}

/** Fastify's and Nest's own refusals: no such route, a body that is too large, of the wrong type or not JSON. */
function ofHttpException(error: HttpException): Problem {
  const status = error.getStatus();
  const code = (STATUS_CODES[status] ?? 'ERROR').toUpperCase().replaceAll(/[^A-Z]+/g, '_');
  return problem(status, code, status < 500 ? error.message : 'Something went wrong on our side.');
}

/** Connection failures of the driver, and SQLSTATE classes 08 (connection), 53 (out of resources) and 57P (shutdown). */
function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|08...|53...|57P..)$/.test(code) || error.message === 'Connection terminated unexpectedly';
}
