import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { create, toBinary } from '@bufbuild/protobuf';
import { inference } from '@cairn/contracts';

const PATH = `/${inference.GRPCInferenceService.typeName}/ModelInfer`;
const asIs = (bytes: Buffer): Buffer => bytes;

/** A connection of its own that sends the same message again and again, and does not look into the answers. */
export class GrpcConnection {
  private readonly client: Client;
  private readonly metadata = new Metadata();

  constructor(address: string) {
    this.client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  }

  /** Throws when the answer is not OK. */
  send(message: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(PATH, asIs, asIs, message, this.metadata, (error: ServiceError | null) => (error === null ? resolve() : reject(error)));
    });
  }

  close(): void {
    this.client.close();
  }
}

/** One row with a raw tensor, as Triton's clients send it. */
export function inferMessage(modelName: string, row: Float32Array): Buffer {
  const inputs = [{ name: 'features', datatype: 'FP32', shape: [1n, BigInt(row.length)] }];
  const request = create(inference.ModelInferRequestSchema, { modelName, inputs, rawInputContents: [new Uint8Array(row.buffer, row.byteOffset, row.byteLength)] });
  return Buffer.from(toBinary(inference.ModelInferRequestSchema, request));
}
