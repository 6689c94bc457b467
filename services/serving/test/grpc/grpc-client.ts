import { create, fromBinary, toBinary, type DescMessage, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import { Client, credentials, Metadata, type CallOptions, type ChannelCredentials, type ClientDuplexStream, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import { grpcHealth, inference } from '@cairn/contracts';
import { GrpcServer } from '../../src/grpc/grpc-server.js';
import type { Method } from '../../src/grpc/methods.js';
import type { Serving } from '../support/serving.js';

export const methods = inference.GRPCInferenceService.method;

export type InferRequestShape = MessageInitShape<typeof inference.ModelInferRequestSchema>;
export type StreamCall = ClientDuplexStream<InferRequestShape, inference.ModelStreamInferResponse>;
export type HealthCall = ClientReadableStream<grpcHealth.HealthCheckResponse>;

const MAX_BYTES = 80 * 1024 * 1024;

/** A client of the protocol that can also send what no client would. */
export class GrpcClient {
  readonly client: Client;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(port: number, headers: Readonly<Record<string, string>> = {}, channel: ChannelCredentials = credentials.createInsecure()) {
    this.client = new Client(`127.0.0.1:${port}`, channel, { 'grpc.max_receive_message_length': MAX_BYTES, 'grpc.max_send_message_length': MAX_BYTES });
    this.headers = headers;
  }

  static of({ running }: Serving, headers?: Readonly<Record<string, string>>, channel?: ChannelCredentials): GrpcClient {
    return new GrpcClient(running.app.get(GrpcServer).port, headers, channel);
  }

  ask<Input extends DescMessage, Output extends DescMessage>(
    method: Method<Input, Output>,
    request: MessageInitShape<Input>,
    options: CallOptions = {},
  ): Promise<MessageShape<Output>> {
    return this.send(method, Buffer.from(toBinary(method.input, create(method.input, request))), options);
  }

  /** Bytes that need not be a message. */
  send<Input extends DescMessage, Output extends DescMessage>(method: Method<Input, Output>, request: Buffer, options: CallOptions = {}): Promise<MessageShape<Output>> {
    return new Promise((resolve, reject) => {
      const read = (bytes: Buffer): MessageShape<Output> => fromBinary(method.output, bytes);
      this.client.makeUnaryRequest(pathOf(method), (bytes: Buffer) => bytes, read, request, this.metadata(), options, (error: ServiceError | null, answer) => {
        if (error !== null || answer === undefined) reject(error ?? new Error('no answer'));
        else resolve(answer);
      });
    });
  }

  stream(): StreamCall {
    const method = methods.modelStreamInfer;
    return this.client.makeBidiStreamRequest(
      pathOf(method),
      (request: InferRequestShape) => Buffer.from(toBinary(method.input, create(method.input, request))),
      (bytes: Buffer) => fromBinary(method.output, bytes),
      this.metadata(),
    );
  }

  watch(service: string): HealthCall {
    const method = grpcHealth.Health.method.watch;
    const write = (request: grpcHealth.HealthCheckRequest): Buffer => Buffer.from(toBinary(method.input, request));
    return this.client.makeServerStreamRequest(pathOf(method), write, (bytes: Buffer) => fromBinary(method.output, bytes), create(method.input, { service }), this.metadata());
  }

  close(): void {
    this.client.close();
  }

  private metadata(): Metadata {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(this.headers)) metadata.set(name, value);
    return metadata;
  }
}

/** One row for the model of the support folder, raw. */
export function rowRequest(row: readonly number[], more: InferRequestShape = {}): InferRequestShape {
  const raw = new Uint8Array(new Float32Array(row).buffer);
  return { modelName: 'delays', inputs: [{ name: 'features', datatype: 'FP32', shape: [1n, BigInt(row.length)] }], rawInputContents: [raw], ...more };
}

export function firstFloat({ rawOutputContents: [raw] }: Pick<inference.ModelInferResponse, 'rawOutputContents'>): number {
  return Buffer.from(raw ?? []).readFloatLE(0);
}

function pathOf({ parent, name }: Method<DescMessage, DescMessage>): string {
  return `/${parent.typeName}/${name}`;
}
