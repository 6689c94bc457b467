import type { JobSpec } from '../domain/commands.js';
import type { JobRow } from '../views/job-queue/job.entity.js';
import type { JobSpecDto } from './job-spec.dto.js';

const DEFAULT_TIMEOUT_SECONDS = 3_600;

export function convertSpec(dto: JobSpecDto): JobSpec {
  return {
    name: dto.name,
    program: dto.program,
    arguments: dto.arguments ?? [],
    environment: dto.environment ?? {},
    maxAttempts: dto.max_attempts ?? 1,
    timeoutSeconds: dto.timeout_seconds ?? DEFAULT_TIMEOUT_SECONDS,
    priority: dto.priority ?? 0,
    queue: dto.queue ?? 'default',
  };
}

export interface JobResponse {
  readonly job_id: string;
  readonly name: string;
  readonly program: string;
  readonly queue: string;
  readonly status: string;
  readonly priority: number;
  readonly attempts: number;
  readonly submitted_at: string;
  readonly submitted_by: string;
  readonly ended_at: string | null;
  readonly outputs: Record<string, string>;
  readonly reason: string;
  readonly trigger_id: string;
  readonly triggered_by: string;
}

export function convertJob(row: JobRow): JobResponse {
  return {
    job_id: row.jobId,
    name: row.name,
    program: row.program,
    queue: row.queue,
    status: row.status,
    priority: row.priority,
    attempts: row.attempts,
    submitted_at: row.submittedAt,
    submitted_by: row.submittedBy,
    ended_at: row.endedAt,
    outputs: JSON.parse(row.outputs) as Record<string, string>,
    reason: row.reason,
    trigger_id: row.triggerId,
    triggered_by: row.triggeredBy,
  };
}
