import { DomainError } from '@cairn/kernel';
import { problemOf, type FastifyReply, type FastifyRequest } from '@cairn/service';
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { GateJson } from '../views/version-list/version.entity.js';

/** A promotion that its gates blocked, with what each of them compared. */
export class GatesNotPassed extends DomainError {
  constructor(
    readonly alias: string,
    readonly gates: readonly GateJson[],
  ) {
    const open = gates.filter(({ verdict }) => verdict !== 'pass').map(({ gate, verdict, evidence }) => `${gate} (${verdict}): ${evidence}`);
    super('GATES_NOT_PASSED', `The alias ${alias} needs gates that the version did not pass. ${open.join(' ')}`, 'unmet');
  }
}

/** The problem of our own API, with the gates as data. */
@Catch(GatesNotPassed)
export class GatesFilter implements ExceptionFilter<GatesNotPassed> {
  catch(error: GatesNotPassed, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = { ...problemOf(error), instance: request.url.split('?')[0], alias: error.alias, gates: error.gates };
    void reply.code(problem.status).type('application/problem+json; charset=utf-8').send(JSON.stringify(problem));
  }
}
