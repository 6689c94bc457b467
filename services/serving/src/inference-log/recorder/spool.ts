/** Bytes that wait on this machine's disk for the object store, of all deployments together. */
export class Spool {
  private used = 0;

  constructor(private readonly limitBytes: number) {}

  get isFull(): boolean {
    return this.used >= this.limitBytes;
  }

  add(bytes: number): void {
    this.used += bytes;
  }

  remove(bytes: number): void {
    this.used -= bytes;
  }
}
