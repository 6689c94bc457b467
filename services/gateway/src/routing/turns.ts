const LEFT_OUT_MS = 1_000;

/** Several servers that answer alike, asked in turns. One that could not be reached is left out for a second, unless none would be left. */
export class Turns {
  private turn = -1;
  private readonly leftOutUntilMs = new Map<string, number>();
  private readonly asked = new WeakMap<object, string>();

  constructor(
    private readonly urls: readonly string[],
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Base URL of the server that is to answer the request. */
  next(request: object): string {
    const url = this.choose();
    this.asked.set(request, url);
    return url;
  }

  /** The server that was to answer it could not be reached. */
  unreachable(request: object): void {
    const url = this.asked.get(request);
    if (url !== undefined) this.leftOutUntilMs.set(url, this.now() + LEFT_OUT_MS);
  }

  private choose(): string {
    for (let tried = 0; tried < this.urls.length; tried += 1) {
      this.turn = (this.turn + 1) % this.urls.length;
      const url = this.urls[this.turn] ?? '';
      if ((this.leftOutUntilMs.get(url) ?? -Infinity) <= this.now()) return url;
    }
    return this.urls[this.turn] ?? '';
  }
}
