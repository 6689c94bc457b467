import { DomainError } from '@cairn/kernel';
import { problemOf, type FastifyReply, type FastifyRequest } from '@cairn/service';
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { convertTrainingSet } from './convert.js';

type TrainingSet = ReturnType<typeof convertTrainingSet>;

/** A training set that must not be built, with the evidence. The finding is recorded. */
export class LeakageFound extends DomainError {
  constructor(readonly trainingSet: TrainingSet) {
    const findings = trainingSet.leakage_check?.findings ?? [];
    super('LEAKAGE_FOUND', `${findings.map(({ sentence }) => sentence).join('. ')}. Leave the feature out, or say truly when it becomes known.`, 'unmet');
  }
}

@Catch(LeakageFound)
export class LeakageFilter implements ExceptionFilter<LeakageFound> {
  catch(error: LeakageFound, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { training_set_id, leakage_check } = error.trainingSet;
    const problem = { ...problemOf(error), instance: request.url.split('?')[0], training_set_id, findings: leakage_check?.findings ?? [] };
    void reply.code(problem.status).type('application/problem+json; charset=utf-8').send(JSON.stringify(problem));
  }
}
