import { fromJson } from '@bufbuild/protobuf';
import { scheduler as messages } from '@cairn/contracts';
import { CommandHandler } from '@cairn/event-store';
import { DomainError, newId, type Clock, type CommandMeta } from '@cairn/kernel';
import { CLOCK, LOGGER, SERVICE_CONFIG, SERVICE_SETTINGS, type Logger, type ServiceConfig } from '@cairn/service';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { SchedulerSettings } from '../../config.js';
import type { JobSpec } from '../domain/commands.js';
import { job } from '../domain/decider.js';
import { JobQueueQuery } from '../views/job-queue/job-queue.query.js';
import type { JobRow } from '../views/job-queue/job.entity.js';
import { KILLED, runAttempt } from './attempt.js';

/** Submissions by other processes of this service are noticed this late at most. */
const POLL_MS = 500;

/**
 * Starts queued jobs while slots are free. The job's stream decides who runs it: of two schedulers that start the same job, one is refused.
 */
@Injectable()
export class JobRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly running = new Map<string, AbortController>();
  private readonly attempts = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private filling = false;
  private dirty = false;
  private stopped = false;

  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(JobQueueQuery) private readonly queue: JobQueueQuery,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
    @Inject(SERVICE_SETTINGS) private readonly settings: SchedulerSettings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.failLeftBehind();
    this.timer = setInterval(() => this.wake(), POLL_MS);
    this.wake();
  }

  /** Ends the running children; their attempts are recorded as failed, so that another start of the service takes the jobs up again. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    for (const controller of this.running.values()) controller.abort('the scheduler is shutting down');
    await Promise.allSettled(this.attempts);
  }

  /** Names that a job may ask for. */
  get programs(): readonly string[] {
    return [...this.settings.programs.keys()];
  }

  /** Something may be waiting. */
  wake(): void {
    this.dirty = true;
    if (this.filling || this.stopped) return;
    this.filling = true;
    this.fill()
      .catch((error: unknown) => this.logger.error({ err: error }, 'could not look for queued jobs'))
      .finally(() => {
        this.filling = false;
      });
  }

  /** Ends the child of a cancelled job, if it runs here. */
  cancel(jobId: string, reason: string): void {
    this.running.get(jobId)?.abort(reason);
  }

  private async fill(): Promise<void> {
    while (this.dirty && !this.stopped) {
      this.dirty = false;
      const free = this.settings.slots - this.running.size;
      if (free <= 0) return;
      const waiting = (await this.queue.nextQueued(free + this.running.size)).filter(({ jobId }) => !this.running.has(jobId));
      for (const row of waiting.slice(0, free)) this.launch(row);
    }
  }

  private launch(row: JobRow): void {
    const controller = new AbortController();
    this.running.set(row.jobId, controller);
    const attempt = this.run(row, controller.signal)
      .catch((error: unknown) => this.logger.error({ err: error, jobId: row.jobId }, 'a job attempt could not be recorded'))
      .finally(() => {
        this.running.delete(row.jobId);
        this.attempts.delete(attempt);
        this.wake();
      });
    this.attempts.add(attempt);
  }

  private async run(row: JobRow, signal: AbortSignal): Promise<void> {
    const { jobId } = row;
    const attempt = await this.start(row);
    if (attempt === undefined) return;
    const spec = specOf(row);
    const modulePath = this.settings.programs.get(spec.program);
    const outcome =
      modulePath === undefined
        ? { ok: false as const, durationMs: 0n, exitCode: KILLED, reason: `no program is configured as ${spec.program}` }
        : await runAttempt({ modulePath, arguments: spec.arguments, environment: this.environmentOf(row, spec), timeoutSeconds: spec.timeoutSeconds }, signal);
    const data = outcome.ok
      ? { type: 'SucceedAttempt' as const, data: { jobId, attempt, durationMs: outcome.durationMs, outputs: outcome.outputs } }
      : { type: 'FailAttempt' as const, data: { jobId, attempt, exitCode: outcome.exitCode, reason: outcome.reason, durationMs: outcome.durationMs } };
    try {
      await this.commands.handle(job, { ...data, meta: this.meta(row) }, { id: jobId });
    } catch (error) {
      // Cancelled meanwhile: the stream has said how the job ended.
      if (!(error instanceof DomainError) || error.code !== 'ATTEMPT_NOT_RUNNING') throw error;
    }
  }

  /** The number of the attempt, or undefined when somebody else has the job. */
  private async start(row: JobRow): Promise<number | undefined> {
    try {
      const command = { type: 'StartAttempt' as const, data: { jobId: row.jobId, host: this.settings.host }, meta: this.meta(row) };
      const { state } = await this.commands.handle(job, command, { id: row.jobId });
      return state.status === 'running' ? state.attempt : undefined;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'JOB_NOT_QUEUED') return undefined;
      throw error;
    }
  }

  /** A scheduler that died left its attempts open; nobody else can know how they ended. */
  private async failLeftBehind(): Promise<void> {
    for (const row of await this.queue.runningOn(this.settings.host)) {
      const data = { jobId: row.jobId, attempt: row.attempts, exitCode: KILLED, reason: 'the scheduler stopped while it ran', durationMs: 0n };
      await this.commands.handle(job, { type: 'FailAttempt', data, meta: this.meta(row) }, { id: row.jobId });
    }
  }

  private environmentOf(row: JobRow, spec: JobSpec): Record<string, string> {
    return {
      ...spec.environment,
      PATH: this.settings.path,
      CAIRN_URL: this.config.gatewayUrl,
      CAIRN_WORKSPACE: row.workspace,
      CAIRN_JOB_ID: row.jobId,
      CAIRN_TRIGGERED_BY: row.triggeredBy,
      CAIRN_ON_BEHALF_OF: row.submittedBy,
      ...(this.config.serviceToken !== undefined && { CAIRN_TOKEN: this.config.serviceToken }),
    };
  }

  private meta({ workspace }: JobRow): CommandMeta {
    return { commandId: newId(), now: this.clock.now(), actor: { principal: 'training-scheduler' }, workspace, correlationId: newId() };
  }
}

function specOf(row: JobRow): JobSpec {
  return fromJson(messages.JobSpecSchema, JSON.parse(row.spec));
}
