export interface V2ErrorOptions extends ErrorOptions {
  /** Sent with the answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer of the protocol: a status and `{"error": message}`. The message is public. */
export class V2Error extends Error {
  override readonly name = 'V2Error';
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly status: number,
    message: string,
    { headers = {}, ...options }: V2ErrorOptions = {},
  ) {
    super(message, options);
    this.headers = headers;
  }
}
