import type { EventStore } from '@cairn/event-store';
import type { ProjectionRunner } from '@cairn/read-model';

export type MessagingState = 'connected' | 'disconnected' | 'off';

type Status = 'ok' | 'degraded' | 'unavailable';

export interface ReadinessReport {
  readonly status: Status;
  readonly checks: Readonly<Record<string, { readonly status: Status; readonly [fact: string]: unknown }>>;
}

const STORE_TIMEOUT_MS = 2_000;

/**
 * Whether requests would succeed. Without NATS they do (the log catches up later), so messaging can only degrade.
 */
export class Readiness {
  private closing = false;

  constructor(
    private readonly store: EventStore | undefined,
    private readonly runner: ProjectionRunner | undefined,
    private readonly messaging: () => MessagingState,
  ) {}

  /** From now on the service is not ready: balancers stop sending before the port closes. */
  drain(): void {
    this.closing = true;
  }

  get isDraining(): boolean {
    return this.closing;
  }

  async report(): Promise<ReadinessReport> {
    const checks: Record<string, { status: Status; [fact: string]: unknown }> = {};
    const size = this.store === undefined ? undefined : await sizeOf(this.store);
    if (this.store !== undefined) checks['event_store'] = size === undefined ? { status: 'unavailable' } : { status: 'ok', size: String(size) };
    if (this.runner !== undefined) {
      const { state, checkpoint } = this.runner;
      checks['read_model'] = {
        status: state === 'running' ? 'ok' : 'unavailable',
        state,
        position: String(checkpoint),
        ...(size !== undefined && { lag_events: String(size > checkpoint ? size - checkpoint : 0n) }),
      };
    }
    const messaging = this.messaging();
    checks['messaging'] = { status: messaging === 'disconnected' ? 'degraded' : 'ok', state: messaging };
    if (this.closing) checks['shutdown'] = { status: 'unavailable' };
    const statuses = Object.values(checks).map(({ status }) => status);
    const status = statuses.includes('unavailable') ? 'unavailable' : statuses.includes('degraded') ? 'degraded' : 'ok';
    return { status, checks };
  }
}

async function sizeOf(store: EventStore): Promise<bigint | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), STORE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([store.size().catch(() => undefined), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
