/** What a person can do about a gate that did not pass. */
const remedies: Readonly<Record<string, string>> = {
  'criteria-met': 'Declare success criteria before the run starts, and register a version of a run that was judged pass',
  'leakage-check-passed': 'Train on a training set whose leakage check passed, and name it as training_set_id',
  'data-certified': 'Train on a dataset version that is certified golden and not quarantined',
  'lineage-complete': 'Create the version by POST /registry/v1/models/{name}/versions with digest, training_set_id and golden_digest',
  'signature-present': 'Create the version with a signature of inputs and outputs',
  'approved-by-another': 'Have somebody who did not make the version send POST /registry/v1/versions/{id}/approve',
  'contract-compatible': 'Keep inputs and outputs that are in use, or register the change as another model',
  'size-within-budget': 'Make the model smaller, or declare a larger budget',
  'latency-within-budget': 'Send POST /registry/v1/versions/{id}/measurements of enough requests, or make the model faster',
  'not-frozen': 'Wait until the freeze is over, or have it lifted',
};

export function remedyOf(gate: string): string {
  return remedies[gate] ?? 'Ask for a version of Cairn that knows the gate';
}
