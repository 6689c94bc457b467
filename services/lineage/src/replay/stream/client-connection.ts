import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/**
 * One client of an event stream. At most one frame above the buffer of the response (16 KiB) waits in this process; what else is under way is in the buffers
 * of the operating system. Whoever writes waits until the client has taken what is there.
 */
export class ClientConnection {
  private readonly leaving = new AbortController();

  constructor(
    private readonly response: ServerResponse,
    /** How long a client may take nothing. */
    private readonly stallMs: number,
  ) {
    response.once('close', () => this.leaving.abort());
    // A client that goes away is no failure of ours.
    response.on('error', () => this.leaving.abort());
  }

  /** Aborts when the client is gone. */
  get left(): AbortSignal {
    return this.leaving.signal;
  }

  open(headers: Readonly<Record<string, string>>): void {
    this.response.writeHead(200, headers);
    this.response.flushHeaders();
  }

  /** Resolves with true when the client can take more, with false when it took nothing for `stallMs` or `signal` aborted or the client left. */
  async write(text: string, signal: AbortSignal): Promise<boolean> {
    if (this.left.aborted || signal.aborted) return false;
    if (this.response.write(text)) return true;
    const stalled = AbortSignal.timeout(this.stallMs);
    try {
      await once(this.response, 'drain', { signal: AbortSignal.any([stalled, this.left, signal]) });
      return true;
    } catch {
      return false;
    }
  }

  /** Says how it ended and closes: as soon as the client has taken what is under way, and after `graceMs` in any case. */
  end(lastWords: string, graceMs: number): void {
    if (this.left.aborted) return;
    this.response.end(lastWords);
    const timer = setTimeout(() => this.response.destroy(), graceMs);
    this.response.once('close', () => clearTimeout(timer));
  }
}
