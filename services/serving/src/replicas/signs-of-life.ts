import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { replica } from '@cairn/contracts';
import type { JetStreamSession, NatsLink } from '@cairn/messaging';
import type { Logger } from '@cairn/service';
import { answerEach } from './protocol/messages.js';
import { refusalOf } from './protocol/refusal.js';
import { questionsTo, SIGN_EVERY_MS, SIGNS } from './protocol/subjects.js';
import { whileConnected } from './protocol/while-connected.js';
import type { ReplicaState } from './replica-state.js';

export interface SignsOfLifeOptions {
  /** Undefined: nobody is there to hear it. */
  readonly link: NatsLink | undefined;
  readonly logger: Logger;
  readonly state: ReplicaState;
  /** Resolves when what the question asks for is done. Throws DomainError. */
  readonly settle: (question: replica.ReplicaQuestion['question']) => Promise<void>;
}

/** Tells who listens that this replica is there, every second, and answers questions to it. Without NATS nobody hears it, and it answers predictions all the same. */
export class SignsOfLife {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private session: JetStreamSession | undefined;

  constructor(private readonly options: SignsOfLifeOptions) {}

  start(): void {
    const { link, logger } = this.options;
    if (link !== undefined) this.running ??= whileConnected(link, logger, this.stopping.signal, (session, signal) => this.live(session, signal));
  }

  /** Says that it leaves, if anybody is there to hear it. */
  async close(): Promise<void> {
    if (this.session !== undefined) this.give(this.session, true);
    this.stopping.abort();
    await this.running;
  }

  private async live(session: JetStreamSession, signal: AbortSignal): Promise<void> {
    const { state, logger } = this.options;
    this.session = session;
    const signs = setInterval(() => {
      state.measure();
      this.give(session, false);
    }, SIGN_EVERY_MS);
    try {
      const answering = answerEach({ session, subject: questionsTo(state.startId), signal }, logger, (question) => this.answer(question));
      this.give(session, false);
      await answering;
    } finally {
      clearInterval(signs);
      this.session = undefined;
    }
  }

  private give({ nc }: JetStreamSession, leaving: boolean): void {
    if (!nc.isClosed()) nc.publish(SIGNS, toBinary(replica.ReplicaStatusSchema, this.options.state.now(leaving)));
  }

  private async answer(question: Uint8Array): Promise<Uint8Array> {
    try {
      await this.options.settle(fromBinary(replica.ReplicaQuestionSchema, question).question);
      return toBinary(replica.ReplicaReplySchema, create(replica.ReplicaReplySchema, { reply: { case: 'status', value: this.options.state.now() } }));
    } catch (error) {
      this.options.logger.warn({ err: error }, 'a question of the control plane could not be answered');
      return toBinary(replica.ReplicaReplySchema, create(replica.ReplicaReplySchema, { reply: { case: 'refusal', value: refusalOf(error) } }));
    }
  }
}
