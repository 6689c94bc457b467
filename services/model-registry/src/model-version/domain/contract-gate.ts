import type { Plain, registry } from '@cairn/contracts';
import type { NewVersion } from './commands.js';
import type { Finding } from './gates.js';
import type { Judged } from './judged.js';

type Tensor = Plain<registry.Tensor>;

const ANY_LENGTH = -1n;

/**
 * Whoever uses the model now must be able to go on without a change: the version takes every input that they may send, and gives every output that they
 * may read. It may give more; an input more would be missing in their requests.
 */
export function contractCompatible(version: NewVersion, { consumers }: Judged): Finding {
  const others = consumers.filter((consumer) => consumer.version !== version.version);
  if (version.signature === undefined) return ['inconclusive', 'The version has no signature to compare.'];
  if (others.length === 0) return ['pass', 'Nobody uses another version of the model now.'];
  const unsigned = others.filter(({ signature }) => signature === undefined);
  const broken = others.flatMap((consumer) =>
    (consumer.signature === undefined ? [] : differences(consumer.signature, version.signature)).map((text) => `${text} (version ${consumer.version}, ${consumer.usedBy})`),
  );
  if (broken.length > 0) return ['fail', broken.join('; ')];
  if (unsigned.length > 0) return ['inconclusive', `Without a signature: ${unsigned.map(({ version: number, usedBy }) => `version ${number} of ${usedBy}`).join(', ')}.`];
  return ['pass', `Takes and gives what ${others.map(({ usedBy, version: number }) => `${usedBy} (version ${number})`).join(', ')} sends and reads.`];
}

function differences(used: Plain<registry.Signature>, next: Plain<registry.Signature> | undefined): string[] {
  const [inputs, outputs] = [next?.inputs ?? [], next?.outputs ?? []];
  return [
    ...used.inputs.flatMap((tensor) => unfit('input', tensor, inputs, (sent, taken) => covers(taken, sent))),
    ...inputs.filter(({ name }) => !used.inputs.some((tensor) => tensor.name === name)).map(({ name }) => `input ${name} is new, and nobody sends it`),
    ...used.outputs.flatMap((tensor) => unfit('output', tensor, outputs, (read, given) => covers(read, given))),
  ];
}

function unfit(kind: string, used: Tensor, offered: readonly Tensor[], shapesFit: (used: readonly bigint[], offered: readonly bigint[]) => boolean): string[] {
  const other = offered.find(({ name }) => name === used.name);
  if (other === undefined) return [`${kind} ${used.name} is gone`];
  if (other.datatype !== used.datatype) return [`${kind} ${used.name} is ${other.datatype}, not ${used.datatype}`];
  if (!shapesFit(used.shape, other.shape)) return [`${kind} ${used.name} has shape [${other.shape.join(', ')}], not [${used.shape.join(', ')}]`];
  const isRenamed = used.columns.length > 0 && (other.columns.length !== used.columns.length || used.columns.some((column, index) => column !== other.columns[index]));
  return isRenamed ? [`${kind} ${used.name} has columns ${other.columns.join(', ')}, not ${used.columns.join(', ')}`] : [];
}

/** Whatever fits into `narrow` fits into `wide`. */
function covers(wide: readonly bigint[], narrow: readonly bigint[]): boolean {
  return wide.length === narrow.length && wide.every((length, index) => length === ANY_LENGTH || length === narrow[index]);
}
