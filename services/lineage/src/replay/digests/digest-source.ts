import { ProjectionRunner } from '@cairn/read-model';
import { placements, SERVICE_CONFIG, type ServiceConfig, type ServiceName } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import type { RecordDigest } from '../domain/commands.js';

export type DigestedService = Exclude<ServiceName, 'gateway'>;

/** Every service that has a read model. */
export const digestedServices = Object.keys(placements).filter((name): name is DigestedService => name !== 'gateway');

/**
 * digest       what the service's tables are.
 * nothing      it has no tables, or no event is in them yet.
 * unreachable  it did not answer, or not in a way that can be read.
 */
export type DigestAnswer =
  | { readonly kind: 'digest'; readonly digest: RecordDigest['data'] }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unreachable'; readonly detail: string };

/** Reading all rows of a service takes a while. */
const TIMEOUT_MS = 240_000;

/** Asks services what their tables are: this one directly, others through the gateway. */
@Injectable()
export class DigestSource {
  constructor(
    @Inject(ProjectionRunner) private readonly runner: ProjectionRunner,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
  ) {}

  async ask(service: DigestedService): Promise<DigestAnswer> {
    try {
      const { position, tables } = service === 'lineage' ? await this.runner.digest() : await this.fetch(service);
      if (position === undefined || tables.length === 0) return { kind: 'nothing' };
      return { kind: 'digest', digest: { service, position, tables: tables.map(({ table, rows, digest }) => ({ name: table, rows: BigInt(rows), digest })) } };
    } catch (error) {
      return { kind: 'unreachable', detail: error instanceof Unreadable ? error.message : `The service ${service} does not answer.` };
    }
  }

  private async fetch(service: DigestedService): ReturnType<ProjectionRunner['digest']> {
    const { gatewayUrl, serviceToken } = this.config;
    const response = await fetch(`${gatewayUrl}/${placements[service].prefix}/v1/admin/digests`, {
      headers: serviceToken === undefined ? {} : { authorization: `Bearer ${serviceToken}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Unreadable(`The service ${service} answered ${response.status}.`);
    return parse(service, await response.json());
  }
}

class Unreadable extends Error {}

function parse(service: string, body: unknown): Awaited<ReturnType<ProjectionRunner['digest']>> {
  const { position, tables } = (typeof body === 'object' && body !== null ? body : {}) as { position?: unknown; tables?: unknown };
  const isPosition = position === null || (typeof position === 'string' && /^\d{1,18}$/.test(position));
  if (!isPosition || !Array.isArray(tables) || !tables.every(isTable)) throw new Unreadable(`The service ${service} answered something else than digests.`);
  return { position: position === null ? undefined : BigInt(position), tables };
}

function isTable(value: unknown): value is { table: string; rows: number; digest: string } {
  const { table, rows, digest } = (typeof value === 'object' && value !== null ? value : {}) as { table?: unknown; rows?: unknown; digest?: unknown };
  return typeof table === 'string' && typeof digest === 'string' && Number.isSafeInteger(rows);
}
