import { problemOf, type FastifyReply, type FastifyRequest, type Logger, LOGGER } from '@cairn/service';
import { Catch, Inject, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { MlflowError, type MlflowCode } from './mlflow-error.js';

/** Codes that MLflow's clients know under another name than the one their status would give them. */
const codeOfRefusal: Readonly<Record<string, MlflowCode>> = {
  EXPERIMENT_NAME_TAKEN: 'RESOURCE_ALREADY_EXISTS',
  MODEL_NAME_TAKEN: 'RESOURCE_ALREADY_EXISTS',
  WORKSPACE_EXISTS: 'RESOURCE_ALREADY_EXISTS',
  GATES_NOT_PASSED: 'PERMISSION_DENIED',
  NAME_DEMANDS_GATES: 'PERMISSION_DENIED',
  PARAM_CHANGED: 'INVALID_PARAMETER_VALUE',
  RUN_DELETED: 'INVALID_PARAMETER_VALUE',
  EXPERIMENT_DELETED: 'INVALID_PARAMETER_VALUE',
  // No such route: what MLflow has and Cairn has not.
  NOT_FOUND: 'ENDPOINT_NOT_FOUND',
  // MLflow's client repeats a 503, never a 409.
  CONCURRENT_CHANGE: 'TEMPORARILY_UNAVAILABLE',
};

const codeOfStatus: Readonly<Record<number, MlflowCode>> = {
  400: 'INVALID_PARAMETER_VALUE',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'RESOURCE_DOES_NOT_EXIST',
  409: 'RESOURCE_CONFLICT',
  422: 'INVALID_PARAMETER_VALUE',
  503: 'TEMPORARILY_UNAVAILABLE',
};

/** Every error of the MLflow routes in MLflow's shape. */
@Catch()
@Injectable()
export class MlflowFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { code, message, status } = toMlflow(error);
    if (status >= 500) this.logger.error({ err: error, method: request.method, url: request.url }, code);
    if (reply.sent) return;
    if (status === 503) void reply.header('retry-after', 1);
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    void reply.code(status).type('application/json').send(JSON.stringify({ error_code: code, message }));
  }
}

interface MlflowAnswer {
  readonly code: MlflowCode;
  readonly message: string;
  readonly status: number;
}

function toMlflow(error: unknown): MlflowAnswer {
  if (error instanceof MlflowError) return error;
  const { status, code, detail } = problemOf(error);
  const known = codeOfRefusal[code] ?? codeOfStatus[status];
  if (known !== undefined) return new MlflowError(known, detail);
  // MLflow has no code for what HTTP itself refuses, such as 413 or 415: the status says it.
  return { code: status < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR', message: detail, status };
}
