import { DEAD_LETTERS_STREAM, EVENTS_STREAM } from '@cairn/messaging';
import { jetstreamManager, type StoredMsg } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { waitUntil } from '../wait-until.js';
import type { TestService } from './test-service.js';

type Ending = 'ack' | 'retry' | 'dead-letter';

/** What becomes of the events that a service's policy is handed, seen from NATS and from the service's own metrics. */
export class Deliveries {
  constructor(
    private readonly service: TestService,
    private readonly natsUrl: string,
    /** What it reacts to, and the names of the policy and of its durable consumer. */
    private readonly policy: { readonly type: string; readonly handler: string; readonly durable: string },
  ) {}

  /** How many deliveries ended so since the service started. */
  async ended(ending: Ending): Promise<number> {
    const metric = await this.service.running.parts.registry.getSingleMetric('cairn_events_handled_total')?.get();
    const { handler } = this.policy;
    return metric?.values.find(({ labels }) => labels['handler'] === handler && labels['ending'] === ending)?.value ?? 0;
  }

  /** Does something and waits until that many more deliveries have ended so. */
  async until<T>(count: number, ending: Ending, act: () => Promise<T>): Promise<T> {
    const before = await this.ended(ending);
    const result = await act();
    await waitUntil(`${count} more deliveries end with ${ending}`, async () => (await this.ended(ending)) >= before + count);
    return result;
  }

  /** Everything is handed out again from the first event on: the server forgets how far the policy came. Waits until all of them are acknowledged. */
  async again(): Promise<void> {
    const { events } = await this.service.store.readAll(0n, { filter: { types: [this.policy.type] }, limit: 10_000 });
    await this.until(events.length, 'ack', () => this.withManager((jsm) => jsm.consumers.delete(EVENTS_STREAM, this.policy.durable)));
  }

  /** Waits for the dead letter of the event at a place in the log, and answers its reason. */
  async reasonOf(position: bigint): Promise<string> {
    const letter = await waitUntil(`a dead letter for the event at ${position}`, () => this.letterOf(position));
    return decodeURIComponent(letter.header.get('cairn-dead-letter-reason'));
  }

  private letterOf(position: bigint): Promise<StoredMsg | undefined> {
    return this.withManager(async (jsm) => {
      const { state } = await jsm.streams.info(DEAD_LETTERS_STREAM);
      for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
        const letter = await jsm.streams.getMessage(DEAD_LETTERS_STREAM, { seq });
        if (letter?.subject.endsWith(`.${this.policy.handler}.${position}`)) return letter;
      }
      return undefined;
    });
  }

  private async withManager<T>(work: (jsm: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<T>): Promise<T> {
    const connection = await connect({ servers: this.natsUrl });
    try {
      return await work(await jetstreamManager(connection));
    } finally {
      await connection.close();
    }
  }
}
