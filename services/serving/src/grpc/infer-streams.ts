import { setMaxListeners } from 'node:events';
import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { inference } from '@cairn/contracts';
import { workspaceIn, type Caller } from './caller.js';
import type { InferResponse } from './encode-infer.js';
import { Unreadable } from './messages.js';
import { statusOf, streamError } from './status.js';

export type StreamAnswer = MessageInitShape<typeof inference.ModelStreamInferResponseSchema>;
type InferStream = ServerDuplexStream<inference.ModelInferRequest | Unreadable, StreamAnswer>;

/** Requests of one stream that are being answered; the next one is not read before. A client that does not read its answers gets no further either. */
const MAX_IN_FLIGHT = 32;

/** `ModelStreamInfer`: every request is answered for itself, in the order in which answers are ready, and what goes wrong with one is in its answer. */
export class InferStreams {
  /** How to end each that is open. */
  private readonly open = new Map<InferStream, () => void>();

  constructor(private readonly infer: (request: inference.ModelInferRequest, caller: Caller) => Promise<InferResponse>) {}

  readonly handle = (call: InferStream): void => {
    const gone = new AbortController();
    // Everything in flight listens to it.
    setMaxListeners(MAX_IN_FLIGHT, gone.signal);
    call.on('error', () => undefined);
    call.once('cancelled', () => {
      this.open.delete(call);
      gone.abort();
    });
    let caller: Caller;
    try {
      caller = { workspace: workspaceIn(call.metadata), signal: gone.signal };
    } catch (error) {
      call.emit('error', streamError(error));
      return;
    }
    this.serve(call, caller);
  };

  /** No further request is read; those that were are answered, then the stream ends as UNAVAILABLE: its client may begin another one elsewhere. */
  drain(): void {
    for (const end of this.open.values()) end();
  }

  private serve(call: InferStream, caller: Caller): void {
    let inFlight = 0;
    let ending: (() => void) | undefined;
    const endWith = (end: () => void): void => {
      ending ??= () => {
        this.open.delete(call);
        if (!call.destroyed) end();
      };
      if (inFlight === 0) ending();
    };
    this.open.set(call, () => {
      call.pause();
      endWith(() => call.emit('error', { code: status.UNAVAILABLE, details: 'the server stops; begin another stream' }));
    });
    call.on('end', () => endWith(() => call.end()));
    call.on('data', (request: inference.ModelInferRequest | Unreadable) => {
      inFlight += 1;
      if (inFlight >= MAX_IN_FLIGHT) call.pause();
      void this.answer(call, request, caller).finally(() => {
        inFlight -= 1;
        if (ending === undefined) call.resume();
        else if (inFlight === 0) ending();
      });
    });
  }

  private async answer(call: InferStream, request: inference.ModelInferRequest | Unreadable, caller: Caller): Promise<void> {
    const answer = await this.answerTo(request, caller);
    if (call.destroyed || call.cancelled) return;
    await new Promise<void>((resolve) => call.write(answer, () => resolve()));
  }

  private async answerTo(request: inference.ModelInferRequest | Unreadable, caller: Caller): Promise<StreamAnswer> {
    if (request instanceof Unreadable) return { errorMessage: statusOf(request.reason).details };
    try {
      return { inferResponse: await this.infer(request, caller) };
    } catch (error) {
      return { errorMessage: statusOf(error).details, inferResponse: { id: request.id } };
    }
  }
}
