/**
 * KEY_MISSING     there is no key file.
 * KEY_EXISTS      a new key would take the place of another one.
 * KEY_READABLE    others than the owner can read the key file.
 * KEY_MALFORMED   the file holds no signing key of type 0x04.
 * LOGS_MISSING    there is no file of logs.
 * LOGS_MALFORMED  a line of it is no verifier key of a log, or a key stands there twice.
 * STATE_IN_USE    another witness works in the state folder.
 * STATE_DAMAGED   a file of the state folder is not what this witness wrote.
 */
export type WitnessErrorCode =
  | 'KEY_MISSING'
  | 'KEY_EXISTS'
  | 'KEY_READABLE'
  | 'KEY_MALFORMED'
  | 'LOGS_MISSING'
  | 'LOGS_MALFORMED'
  | 'STATE_IN_USE'
  | 'STATE_DAMAGED';

export class WitnessError extends Error {
  override readonly name = 'WitnessError';

  constructor(
    readonly code: WitnessErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
