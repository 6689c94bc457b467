import { DomainError } from '@cairn/kernel';
import { problemOf, type FastifyReply, type FastifyRequest } from '@cairn/service';
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { convertTarget } from '../../registered-model/http/convert-target.js';
import { shownTarget } from '../../registered-model/domain/stage.js';
import { remedyOf } from '../domain/remedies.js';
import type { GateJson } from '../views/version-list/version.entity.js';

/** A promotion that its gates blocked, with what each of them compared. */
export class GatesNotPassed extends DomainError {
  constructor(
    readonly alias: string,
    readonly gates: readonly GateJson[],
  ) {
    const open = gates.filter(({ verdict }) => verdict !== 'pass').map(({ gate, verdict, evidence }) => `${gate} (${verdict}): ${evidence} ${remedyOf(gate)}.`);
    super('GATES_NOT_PASSED', `The ${shownTarget(alias)} needs gates that the version did not pass. ${open.join(' ')}`, 'unmet');
  }
}

/** The problem of our own API, with the gates as data. */
@Catch(GatesNotPassed)
export class GatesFilter implements ExceptionFilter<GatesNotPassed> {
  catch(error: GatesNotPassed, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const gates = error.gates.map((gate) => ({ ...gate, ...(gate.verdict !== 'pass' && { remedy: remedyOf(gate.gate) }) }));
    const problem = { ...problemOf(error), instance: request.url.split('?')[0], ...convertTarget(error.alias), gates };
    void reply.code(problem.status).type('application/problem+json; charset=utf-8').send(JSON.stringify(problem));
  }
}
