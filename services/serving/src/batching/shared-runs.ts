import { datatypes, isTexts } from '../tensor/datatype.js';
import { halfToNumber, numberToHalf } from '../tensor/half.js';
import { rawFromTensor } from '../tensor/raw-tensor.js';
import type { Tensor } from '../tensor/tensor.js';
import { ReplicaError, type Replica } from '../replica/replica.js';
import { joinInputs, kindOf, splitOutputs } from './batch-tensors.js';

/** Rows beside the one that is looked at: around the sizes in which kernels work through a matrix, and many. */
const NEIGHBOURS = [1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 63, 127];

/** Elements of one row, over all inputs. Its copies and neighbours are in memory together. */
const MAX_ROW_ELEMENTS = 256 * 1024;
/** Milliseconds of a run of one row. With all neighbours it takes some ten seconds then, in which the version can't be used. */
const MAX_ROW_MS = 5;

type Change = (element: number | bigint) => number | bigint;

const nothing: Change = (element) => (typeof element === 'bigint' ? 0n : 0);
const same: Change = (element) => element;

/**
 * What the rows beside it hold: nothing, the same, or other numbers where these can be any. A sum over all rows does not notice zeros, a mean does not notice copies, a
 * maximum may notice neither.
 */
const FILLS: readonly { readonly reals: Change; readonly others: Change }[] = [
  { reals: nothing, others: nothing },
  { reals: same, others: same },
  { reals: (element) => 3 * Number(element) + 1, others: same },
];

/**
 * Whether a request's answer stays the same, bit for bit, whoever shares its run: asked of the replica itself with the first row of the golden request, alone and behind
 * and before other rows. A model that mixes its rows, or whose kernels round otherwise for other sizes, does not share runs, and neither does one whose rows are so large
 * or slow that asking would take too long. What the model fails on proves nothing. Throws ReplicaError LOST or QUEUE_FULL, which say nothing about the version.
 */
export async function provesSharedRuns(replica: Pick<Replica, 'infer'>, versionId: string, golden: readonly Tensor[]): Promise<boolean> {
  if (kindOf(golden) === undefined || golden.some(({ shape }) => shape[0] === 0 || shape[0] !== golden[0]?.shape[0])) return false;
  const row = golden.map((input) => rowsOf(input, 1, same));
  if (row.reduce((sum, { data }) => sum + data.length, 0) > MAX_ROW_ELEMENTS) return false;
  const run = async (requests: readonly (readonly Tensor[])[]) => (await replica.infer(versionId, joinInputs(requests))).outputs;
  try {
    const alone = await run([row]);
    if (!(await isQuick(replica, versionId, row))) return false;
    for (const fill of FILLS) {
      for (const neighbours of NEIGHBOURS) {
        const others = row.map((input) => rowsOf(input, neighbours, isReal(input) ? fill.reals : fill.others));
        const behind = splitOutputs(await run([row, others]), [1, neighbours])?.[0];
        const before = splitOutputs(await run([others, row]), [neighbours, 1])?.[1];
        if (!areSame(alone, behind) || !areSame(alone, before)) return false;
      }
    }
    return true;
  } catch (error) {
    if (error instanceof ReplicaError && (error.code === 'LOST' || error.code === 'QUEUE_FULL')) throw error;
    return false;
  }
}

/** The first run of a session does more than those after it, and any of them may be held up by somebody else. */
async function isQuick(replica: Pick<Replica, 'infer'>, versionId: string, row: readonly Tensor[]): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if ((await replica.infer(versionId, joinInputs([row]))).runMs <= MAX_ROW_MS) return true;
  }
  return false;
}

/** The first row again and again, its elements as `fill` has them. Texts stay what they are: they are codes. */
function rowsOf({ name, datatype, shape, data }: Tensor, rows: number, change: Change): Tensor {
  const width = shape.slice(1).reduce((product, length) => product * length, 1);
  const described = { name, datatype, shape: [rows, ...shape.slice(1)] };
  if (datatype === 'BYTES' || isTexts(data)) return { ...described, data: Array.from({ length: width * rows }, (_, index) => String(data[index % width] ?? '')) };
  const filled = datatypes[datatype].allocate(width * rows);
  const changed: Change = datatype === 'FP16' ? (bits) => numberToHalf(Number(change(halfToNumber(Number(bits))))) : change;
  for (let index = 0; index < filled.length; index += 1) filled[index] = changed(data[index % width] ?? 0) as never;
  return { ...described, data: filled };
}

/** Whether its elements may be any number: others may be codes or places in a table. */
function isReal({ datatype }: Tensor): boolean {
  return datatype === 'FP16' || datatype === 'FP32' || datatype === 'FP64';
}

function areSame(one: readonly Tensor[], other: readonly Tensor[] | undefined): boolean {
  return one.every((tensor, index) => {
    const counterpart = other?.[index];
    return counterpart !== undefined && counterpart.shape.join() === tensor.shape.join() && rawFromTensor(tensor).equals(rawFromTensor(counterpart));
  });
}
