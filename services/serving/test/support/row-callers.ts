import { status } from '@grpc/grpc-js';
import { methods, type GrpcClient } from '../grpc/grpc-client.js';
import type { Serving } from './serving.js';
import { sendV2 } from './v2-client.js';

export interface RowAnswer {
  /** As it was echoed. */
  readonly id: string;
  /** One per row. */
  readonly values: readonly number[];
}

/** Rows for the model of this folder, asked over one of the transports. */
export type RowCaller = (model: string, id: string, rows: readonly (readonly number[])[]) => Promise<RowAnswer | 'unavailable'>;

/** Each throws for every refusal but that of a server that has nobody to answer now: 503, or UNAVAILABLE. */
export function rowCallers(serving: Serving, client: GrpcClient): Readonly<Record<'json' | 'binary' | 'grpc', RowCaller>> {
  return {
    async json(model, id, rows) {
      const { status, body } = await serving.infer(model, rows, { id });
      if (status === 503) return 'unavailable';
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
      return { id: body.id, values: body.outputs[0].data };
    },
    async binary(model, id, rows) {
      const raw = bytesOf(rows);
      const input = { name: 'features', datatype: 'FP32', shape: shapeOf(rows), parameters: { binary_data_size: raw.length } };
      const json = Buffer.from(JSON.stringify({ id, parameters: { binary_data_output: true }, inputs: [input] }));
      const answer = await sendV2(serving, `/v2/models/${model}/infer`, Buffer.concat([json, raw]), { 'inference-header-content-length': String(json.length) });
      if (answer.status === 503) return 'unavailable';
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.bytes.toString()}`);
      const length = Number(answer.headers.get('inference-header-content-length'));
      return { id: JSON.parse(answer.bytes.toString('utf8', 0, length)).id, values: floatsOf(answer.bytes.subarray(length)) };
    },
    async grpc(model, id, rows) {
      const input = { name: 'features', datatype: 'FP32', shape: shapeOf(rows).map(BigInt) };
      try {
        const answer = await client.ask(methods.modelInfer, { modelName: model, id, inputs: [input], rawInputContents: [new Uint8Array(bytesOf(rows))] });
        return { id: answer.id, values: floatsOf(Buffer.from(answer.rawOutputContents[0] ?? [])) };
      } catch (error) {
        if ((error as { code?: number }).code === status.UNAVAILABLE) return 'unavailable';
        throw error;
      }
    },
  };
}

function shapeOf(rows: readonly (readonly number[])[]): number[] {
  return [rows.length, rows[0]?.length ?? 0];
}

function bytesOf(rows: readonly (readonly number[])[]): Buffer {
  return Buffer.from(new Float32Array(rows.flat()).buffer);
}

function floatsOf(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
