import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { replica } from '@cairn/contracts';
import { DomainError } from '@cairn/kernel';
import type { JetStreamSession, NatsLink } from '@cairn/messaging';
import type { Logger } from '@cairn/service';
import { setTimeout as pause } from 'node:timers/promises';
import { instancesIn } from './stage-everywhere.js';
import { eachMessage } from './protocol/messages.js';
import { errorOf } from './protocol/refusal.js';
import { LEASE_MS, questionsTo, SIGN_EVERY_MS, SIGNS } from './protocol/subjects.js';
import { whileConnected } from './protocol/while-connected.js';
import type { ReplicaState } from './replica-state.js';

export interface ReplicaDirectoryOptions {
  /** Undefined: this process is the only replica. */
  readonly link: NatsLink | undefined;
  readonly logger: Logger;
  /** Of this process, which answers predictions too. */
  readonly here: ReplicaState;
}

export interface KnownReplica {
  readonly status: replica.ReplicaStatus;
  /** Milliseconds since 1970 of its last sign of life. */
  readonly heardAtMs: number;
  /** It gave no sign for longer than a lease lasts; whether it still answers somebody is not known. */
  readonly silent: boolean;
  readonly here: boolean;
}

/** Whoever lives gives a sign within it. */
const LISTEN_MS = 2 * SIGN_EVERY_MS;
/** A replica that has been silent for this long is gone. */
const FORGET_MS = 10 * 60_000;

/** Which replicas there are, from their signs of life, and what they say when they are asked. */
export class ReplicaDirectory {
  private readonly heard = new Map<string, { readonly status: replica.ReplicaStatus; readonly heardAtMs: number }>();
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private session: JetStreamSession | undefined;
  private listeningSinceMs = Infinity;

  constructor(private readonly options: ReplicaDirectoryOptions) {}

  start(): void {
    const { link, logger } = this.options;
    if (link !== undefined) this.running ??= whileConnected(link, logger, this.stopping.signal, (session, signal) => this.listen(session, signal));
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** This process first. */
  all(): readonly KnownReplica[] {
    const now = Date.now();
    for (const [name, { heardAtMs }] of this.heard) if (now - heardAtMs > FORGET_MS) this.heard.delete(name);
    const others = [...this.heard.values()].map(({ status, heardAtMs }) => ({ status, heardAtMs, silent: now - heardAtMs > LEASE_MS, here: false }));
    return [{ status: this.options.here.now(), heardAtMs: now, silent: false, here: true }, ...others];
  }

  /** Instances of the deployment in all replicas: who has to prove a version. */
  instancesOf(deploymentId: string): readonly string[] {
    return this.all().flatMap(({ status }) => instancesIn(status, deploymentId));
  }

  /** Throws DomainError REPLICA_ALIVE, REPLICA_NOT_FOUND. Whoever calls it has seen to it that the replica answers nobody any more. */
  forget(name: string): void {
    const known = this.all().find(({ status, here }) => !here && status.name === name);
    if (known === undefined) throw new DomainError('REPLICA_NOT_FOUND', `No replica is called ${name}.`, 'missing');
    if (!known.silent) throw new DomainError('REPLICA_ALIVE', `The replica ${name} gives signs of life. Stop it first.`, 'conflict');
    this.heard.delete(name);
  }

  /**
   * Answers of all other replicas, each after it has done what was asked. Throws DomainError REPLICAS_UNKNOWN while NATS is away, and REPLICA_SILENT for one that neither answers
   * nor has said that it leaves: what it does is not known then.
   */
  async ask(question: Exclude<replica.ReplicaQuestion['question'], { case: undefined }>, timeoutMs: number): Promise<readonly replica.ReplicaStatus[]> {
    if (this.options.link === undefined) return [];
    const session = await this.heardEverybody();
    const bytes = toBinary(replica.ReplicaQuestionSchema, create(replica.ReplicaQuestionSchema, { question }));
    return Promise.all([...this.heard.values()].map(({ status }) => this.askOne(session, status, bytes, timeoutMs)));
  }

  private async askOne({ nc }: JetStreamSession, { name, startId }: replica.ReplicaStatus, question: Uint8Array, timeout: number): Promise<replica.ReplicaStatus> {
    const { data } = await nc.request(questionsTo(startId), question, { timeout }).catch((cause: unknown) => {
      const what = `The replica ${name} does not answer. Start it again, or see to it that it answers nobody any more and remove it from the list of replicas.`;
      throw new DomainError('REPLICA_SILENT', what, 'busy', { cause });
    });
    const { reply } = fromBinary(replica.ReplicaReplySchema, data);
    if (reply.case === 'status') return reply.value;
    throw reply.case === 'refusal' ? errorOf(reply.value) : new DomainError('REPLICA_SILENT', `The replica ${name} answers what nobody understands.`, 'busy');
  }

  /** Who was there before us has had the time to say so. */
  private async heardEverybody(): Promise<JetStreamSession> {
    const left = this.listeningSinceMs + LISTEN_MS - Date.now();
    if (Number.isFinite(left) && left > 0) await pause(left, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    if (this.session !== undefined) return this.session;
    throw new DomainError('REPLICAS_UNKNOWN', 'Which replicas there are is not known while NATS can’t be reached. Try again later.', 'busy');
  }

  private async listen(session: JetStreamSession, signal: AbortSignal): Promise<void> {
    const listening = eachMessage({ session, subject: SIGNS, signal }, (sign) => this.hear(fromBinary(replica.ReplicaStatusSchema, sign)));
    [this.session, this.listeningSinceMs] = [session, Date.now()];
    try {
      await listening;
    } finally {
      [this.session, this.listeningSinceMs] = [undefined, Infinity];
    }
  }

  private hear(status: replica.ReplicaStatus): void {
    const { name, startId, startedAt, leaving } = status;
    if (startId === this.options.here.startId) return;
    const known = this.heard.get(name)?.status;
    // A last sign of the start before may come after the first one of its successor.
    if (known !== undefined && known.startId !== startId && startedAt < known.startedAt) return;
    if (leaving) this.heard.delete(name);
    else this.heard.set(name, { status, heardAtMs: Date.now() });
  }
}
