export type EmbeddedErrorCode =
  /** Something else listens on the port that was asked for. */
  | 'PORT_TAKEN'
  /** A living server uses the data directory. */
  | 'DATA_DIR_IN_USE'
  /** The server's program is not on this machine; the message says how to get it. */
  | 'PROGRAM_MISSING'
  /** PostgreSQL refuses to run as root and no other user can be used. */
  | 'NO_USER'
  /** The server ended, or stayed silent, before it was ready. */
  | 'START_FAILED'
  /** The server ended although nobody asked it to. */
  | 'SERVER_EXITED';

/** What can go wrong with a server that we start. The message is for the person at the terminal and says what to do. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';

  constructor(
    readonly code: EmbeddedErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
