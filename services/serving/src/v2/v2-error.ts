/** An answer of the protocol: a status and `{"error": message}`. The message is public. */
export class V2Error extends Error {
  override readonly name = 'V2Error';

  constructor(
    readonly status: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
