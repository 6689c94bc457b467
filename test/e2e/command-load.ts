import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '@cairn/testing';

/** One way to change something in a service, and the event that must be in the log afterwards. */
export interface Creation {
  readonly service: string;
  readonly path: string;
  readonly body: (name: string) => object;
  readonly event: string;
  /** Field of the event, and what it holds; by default the name. */
  readonly identity?: { readonly field: string; readonly of: (answer: Readonly<Record<string, unknown>>) => string };
}

export interface Acknowledged {
  readonly event: string;
  readonly field: string;
  readonly value: string;
}

const PAUSE_MS = 25;
const ATTEMPT_MS = 30_000;

/**
 * A caller who never gives up: creates one thing after another in a service, and repeats what failed under the same Idempotency-Key until it is
 * acknowledged, whether the service, the gateway or the connection broke.
 */
export class CommandLoad {
  readonly acknowledged: Acknowledged[] = [];
  private stopped = false;
  private refusal: Error | undefined;
  private readonly running: Promise<void>;

  constructor(
    private readonly creation: Creation,
    private readonly baseUrl: () => string,
  ) {
    this.running = this.run().catch((error: Error) => {
      this.refusal = error;
    });
  }

  /** Waits until something that was begun from now on is acknowledged: the one before may have been on its way already. */
  async progresses(): Promise<void> {
    const before = this.acknowledged.length;
    await waitUntil(`${this.creation.service} acknowledges commands`, () => this.refusal !== undefined || this.acknowledged.length >= before + 2, 90_000);
    if (this.refusal !== undefined) throw this.refusal;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
    if (this.refusal !== undefined) throw this.refusal;
  }

  private async run(): Promise<void> {
    for (let index = 0; !this.stopped; index += 1) {
      const name = `${this.creation.service}-${index}`;
      const key = randomUUID();
      const body = JSON.stringify(this.creation.body(name));
      let answer = await this.attempt(body, key);
      while (answer === undefined) {
        if (this.stopped) return;
        await delay(PAUSE_MS);
        answer = await this.attempt(body, key);
      }
      const { event, identity } = this.creation;
      this.acknowledged.push(identity === undefined ? { event, field: 'name', value: name } : { event, field: identity.field, value: identity.of(answer) });
      await delay(PAUSE_MS);
    }
  }

  private async attempt(body: string, key: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    try {
      const response = await fetch(`${this.baseUrl()}${this.creation.path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body,
        signal: AbortSignal.timeout(ATTEMPT_MS),
      });
      const text = await response.text();
      // The caller's own mistake would never end; what is not the caller's is worth repeating.
      if (response.status >= 400 && response.status < 500) throw new RefusedCommand(`${this.creation.path} with ${body}: ${response.status} ${text}`);
      return response.ok ? (JSON.parse(text) as Record<string, unknown>) : undefined;
    } catch (error) {
      if (error instanceof RefusedCommand) throw error;
      return undefined;
    }
  }
}

class RefusedCommand extends Error {}
