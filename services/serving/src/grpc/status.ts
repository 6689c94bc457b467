import { status, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { problemOf } from '@cairn/service';
import { V2Error } from '../v2/v2-error.js';

/** Trailers have to fit into a header block, and a name in a sentence may be as long as a message. */
const MAX_DETAILS = 1_000;

const codes: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  409: status.ABORTED,
  413: status.RESOURCE_EXHAUSTED,
  422: status.FAILED_PRECONDITION,
  501: status.UNIMPLEMENTED,
  503: status.UNAVAILABLE,
};

/** What a caller learns of an error: the sentence that HTTP has for it, and the code that is nearest to its status. */
export function statusOf(error: unknown): Pick<StatusObject, 'code' | 'details'> {
  const { status: httpStatus, message } = error instanceof V2Error ? error : ofProblem(error);
  return { code: codes[httpStatus] ?? (httpStatus < 500 ? status.INVALID_ARGUMENT : status.INTERNAL), details: shortened(message) };
}

/** The same as an error of a stream. */
export function streamError(error: unknown): Partial<ServiceError> {
  return statusOf(error);
}

/** Whether it is for us to look at. */
export function isOurs({ code }: Pick<StatusObject, 'code'>): boolean {
  return code === status.INTERNAL || code === status.UNAVAILABLE;
}

function ofProblem(error: unknown): { readonly status: number; readonly message: string } {
  const { status: httpStatus, detail } = problemOf(error);
  return { status: httpStatus, message: detail };
}

function shortened(text: string): string {
  return text.length > MAX_DETAILS ? `${text.slice(0, MAX_DETAILS)}…` : text;
}
