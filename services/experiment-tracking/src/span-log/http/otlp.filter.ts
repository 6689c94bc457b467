import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { MlflowError } from '@cairn/mlflow';
import { LOGGER, problemOf, type FastifyReply, type FastifyRequest, type Logger } from '@cairn/service';
import { Catch, Inject, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { OTLP_TYPE_HEADER } from './otlp-bodies.js';

/** Codes of gRPC (google/rpc/code.proto), which OTLP has in errors over HTTP too. */
const grpcCodes: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 404: 5, 409: 10, 413: 8, 415: 3, 429: 8, 503: 14 };
const INTERNAL = 13;
const MESSAGE_TOO_LARGE = 'OTLP_TOO_LARGE';

/** Errors of `/v1/traces` as OTLP wants them: a google.rpc.Status (int32 code = 1, string message = 2) in the encoding of the request. */
@Catch()
@Injectable()
export class OtlpFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { status, message } = answerTo(error);
    if (status >= 500) this.logger.error({ err: error, url: request.url }, 'spans could not be taken');
    if (reply.sent) return;
    if (status === 503) void reply.header('retry-after', 1);
    const code = grpcCodes[status] ?? (status < 500 ? 3 : INTERNAL);
    const isJson = String(request.headers[OTLP_TYPE_HEADER] ?? '').startsWith('application/json');
    void reply.code(status).type(isJson ? 'application/json' : 'application/x-protobuf').send(isJson ? JSON.stringify({ code, message }) : statusBytes(code, message));
  }
}

function answerTo(error: unknown): { readonly status: number; readonly message: string } {
  if (error instanceof MlflowError) return { status: error.status, message: error.message };
  const { status, code, detail } = problemOf(error);
  return { status: code === MESSAGE_TOO_LARGE ? 413 : status, message: detail };
}

function statusBytes(code: number, message: string): Buffer {
  return Buffer.from(new BinaryWriter().tag(1, WireType.Varint).int32(code).tag(2, WireType.LengthDelimited).string(message).finish());
}
