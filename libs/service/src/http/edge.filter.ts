import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { ForeignProtocol } from '../service-spec.js';
import { ProblemFilter } from './problem.filter.js';

/**
 * Every error that no controller's own filter has answered, among them those of requests that never reach a controller: without a token, with a body that is too large, too
 * deep or no JSON, to a path that is none. Each in the shape that whoever speaks the protocol of that path can read.
 */
@Catch()
export class EdgeFilter implements ExceptionFilter {
  private readonly own: ExceptionFilter;
  private readonly foreign: readonly (readonly [covers: ForeignProtocol['covers'], filter: ExceptionFilter])[];

  constructor(logger: Logger, protocols: readonly ForeignProtocol[]) {
    this.own = new ProblemFilter(logger);
    this.foreign = protocols.map(({ covers, filter: Filter }) => [covers, new Filter(logger)]);
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const path = host.switchToHttp().getRequest<FastifyRequest>().url.split('?')[0] ?? '';
    const [, filter] = this.foreign.find(([covers]) => covers(path)) ?? [undefined, this.own];
    filter.catch(error, host);
  }

  /** What the router itself refuses, before any hook: a path that cannot be decoded (400), and a part of one that is too long (414). */
  refuse({ message, statusCode = 500 }: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
    this.catch(new HttpException(message, statusCode), new ExecutionContextHost([request, reply]));
  }
}
