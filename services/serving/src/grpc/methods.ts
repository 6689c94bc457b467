import type { DescMessage, DescMethod, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import type { handleBidiStreamingCall, handleServerStreamingCall, handleUnaryCall, sendUnaryData, Server, ServerUnaryCall } from '@grpc/grpc-js';
import type { Logger } from '@cairn/service';
import { inference } from '@cairn/contracts';
import type { V2Limits } from '../v2/limits.js';
import { textOf, workspaceIn, type Caller } from './caller.js';
import { checkInferMessage, checkPlainMessage, reader, Unreadable, writer } from './messages.js';
import { CORRELATION_ID } from './observed-calls.js';
import { isOurs, statusOf } from './status.js';

export interface Edge {
  readonly server: Server;
  readonly limits: V2Limits;
  readonly logger: Logger;
}

/** A method as the definitions describe it. */
export type Method<Input extends DescMessage, Output extends DescMessage> = DescMethod & { readonly input: Input; readonly output: Output };

export type Answer<Input extends DescMessage, Output extends DescMessage> = (
  request: MessageShape<Input>,
  caller: Caller,
) => MessageInitShape<Output> | Promise<MessageInitShape<Output>>;

type Handle<Request, Response> = handleUnaryCall<Request, Response> | handleServerStreamingCall<Request, Response> | handleBidiStreamingCall<Request, Response>;

const types = { unary: 'unary', server_streaming: 'serverStream', client_streaming: 'clientStream', bidi_streaming: 'bidi' } as const;

/** Takes calls of a method; a message that can't be read arrives as `Unreadable`. */
export function addMethod<Input extends DescMessage, Output extends DescMessage>(
  { server, limits }: Edge,
  { parent, name, methodKind, input, output }: Method<Input, Output>,
  handle: Handle<MessageShape<Input> | Unreadable, MessageInitShape<Output>>,
): void {
  const check = input.typeName === inference.ModelInferRequestSchema.typeName ? (bytes: Uint8Array) => checkInferMessage(bytes, limits) : checkPlainMessage;
  server.register(`/${parent.typeName}/${name}`, handle, writer(output), reader(input, check), types[methodKind]);
}

/** A method with one answer, or the status of what `answer` throws. */
export function addUnary<Input extends DescMessage, Output extends DescMessage>(
  edge: Edge,
  method: Method<Input, Output>,
  answer: Answer<Input, Output>,
): void {
  type Request = MessageShape<Input> | Unreadable;
  const respond = async (call: ServerUnaryCall<Request, MessageInitShape<Output>>): Promise<MessageInitShape<Output>> => {
    const { request } = call;
    if (request instanceof Unreadable) throw request.reason;
    const gone = new AbortController();
    call.once('cancelled', () => gone.abort());
    return answer(request, { workspace: workspaceIn(call.metadata), signal: gone.signal });
  };
  const handle = (call: ServerUnaryCall<Request, MessageInitShape<Output>>, send: sendUnaryData<MessageInitShape<Output>>): void => {
    respond(call).then(
      (message) => send(null, message),
      (error: unknown) => {
        const status = statusOf(error);
        if (isOurs(status) && !call.cancelled) {
          edge.logger.warn({ err: error, method: method.name, correlation_id: textOf(call.metadata, CORRELATION_ID) }, 'an inference request failed');
        }
        send(status);
      },
    );
  };
  addMethod(edge, method, handle);
}
