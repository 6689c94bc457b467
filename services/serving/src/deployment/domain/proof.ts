export interface ExpectedProof {
  readonly digest: string;
  readonly goldenTolerance: number;
}

/** Undefined when the replica runs the bytes that were asked for and answers as recorded. */
export function proofProblem(expected: ExpectedProof, digest: string, goldenMaxDifference: number): string | undefined {
  if (digest !== expected.digest) return `loaded ${digest || 'nothing'} instead of ${expected.digest}`;
  if (!(goldenMaxDifference <= expected.goldenTolerance)) {
    return `the golden answer is off by ${goldenMaxDifference}, more than ${expected.goldenTolerance}`;
  }
  return undefined;
}
