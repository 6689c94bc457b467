import { debianPackage } from '@cairn/testing';
import { join } from 'node:path';
import type { GrpcClient } from '../grpc/grpc-client.js';
import type { Serving } from '../support/serving.js';
import { caseNames, readCase, type BackendCase } from './backend-cases.js';
import { BackendDeployment } from './backend-deployment.js';
import { goldenOf } from './case-golden.js';
import { differenceFromExpected, differenceInBits } from './compare-tensors.js';
import type { DirectRuntime } from './direct-runtime.js';
import type { CaseTensor } from './elements.js';
import { ask, ENCODINGS, type Answer, type Encoding } from './encodings.js';

/** `all`, digest and version as Debian 12 has them; another version has other cases. */
const PACKAGE = { name: 'libonnx-testdata', version: '1.12.0-2', sha256: '7dc0912e02f79ece102331411a751b091bc0e191c9fb1287f8cdfbe5530f6027' };
const DEPLOYMENTS = 4;

/** A case that ONNX Runtime itself passes. */
interface PassedCase {
  readonly backendCase: BackendCase;
  /** What it answered. */
  readonly observed: readonly CaseTensor[];
  /** Undefined where none can be written. */
  readonly golden: Buffer;
}

export interface DirectOutcomes {
  readonly problems: ReadonlyMap<string, string | undefined>;
  readonly passed: readonly PassedCase[];
}

/** The folder of the cases. `CAIRN_ONNX_TESTDATA` names it where the package can't be fetched. */
export function backendFolder(given = process.env['CAIRN_ONNX_TESTDATA']): string {
  if (given) return given;
  try {
    return join(debianPackage(PACKAGE), 'usr/share/libonnx-testdata/data');
  } catch (cause) {
    const { name, version } = PACKAGE;
    throw new Error(
      `The backend cases of ONNX are missing, and apt-get did not fetch ${name} ${version} of Debian 12. Get the file ${name}_${version}_all.deb, unpack it ` +
        '(`dpkg-deb -x`, elsewhere `ar x` and `tar -xf data.tar.xz`), and set CAIRN_ONNX_TESTDATA to its folder usr/share/libonnx-testdata/data.',
      { cause },
    );
  }
}

/** Asks ONNX Runtime alone. */
export async function askDirectly(folder: string, leftOut: ReadonlySet<string>, direct: DirectRuntime): Promise<DirectOutcomes> {
  const problems = new Map<string, string | undefined>();
  const passed: PassedCase[] = [];
  for (const name of caseNames(folder)) {
    if (leftOut.has(name)) continue;
    const backendCase = readCase(folder, name);
    const observed = backendCase.unreadable ?? (await direct.run(backendCase.modelFile, backendCase.inputs));
    const problem = differenceFromExpected(backendCase.expected, observed);
    problems.set(name, problem);
    if (problem === undefined && typeof observed !== 'string') passed.push({ backendCase, observed, golden: goldenOf(backendCase.inputs, observed) });
  }
  return { problems, passed };
}

/** Asks Cairn in every encoding what ONNX Runtime passed, and compares the answers bit for bit. */
export async function askCairn(passed: readonly PassedCase[], serving: Serving, client: GrpcClient): Promise<ReadonlyMap<Encoding, Map<string, string | undefined>>> {
  const outcomes = new Map(ENCODINGS.map((encoding) => [encoding, new Map<string, string | undefined>()]));
  const note = (encoding: Encoding, { backendCase, observed }: PassedCase, answer: Answer): void =>
    void outcomes.get(encoding)?.set(backendCase.name, differenceInBits(observed, answer));
  const waiting = passed.values();
  const work = async (deployment: BackendDeployment): Promise<void> => {
    for (const one of waiting) {
      const { backendCase, golden } = one;
      const shown = await deployment.show(backendCase, golden);
      if (typeof shown === 'string') {
        for (const encoding of ENCODINGS) note(encoding, one, shown);
        continue;
      }
      const question = { model: deployment.name, version: shown.version, inputs: backendCase.inputs };
      for (const encoding of ENCODINGS) note(encoding, one, await ask(encoding, serving, client, question));
      await deployment.hide(shown);
    }
  };
  const deployments = await Promise.all(Array.from({ length: DEPLOYMENTS }, (_, index) => BackendDeployment.open(serving, `backend-${index}`)));
  await Promise.all(deployments.map(work));
  return outcomes;
}
