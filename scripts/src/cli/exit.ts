/** What the exit code of every command says; the same text stands in `cairn --help`. */
export const EXIT_CODES = `Exit codes:
  0  done; what was to be verified is
  1  verification failed, or a difference was found
  2  it could not be done: bad arguments, an unreachable server, an unreadable file`;

export const DONE = 0;
export const DIFFERS = 1;
export const NOT_DONE = 2;

/** Ends the command with exit code 1: what was compared is not the same. The message is a sentence for the person at the terminal. */
export class Differs extends Error {
  override readonly name = 'Differs';
}

/** Ends the command with exit code 2. The message is a sentence for the person at the terminal. */
export class NotDone extends Error {
  override readonly name = 'NotDone';
}
