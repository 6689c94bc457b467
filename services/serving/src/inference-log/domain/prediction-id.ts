/** `<inference id>:<row>`; the inference id is a UUIDv7 in lower case. */
const PREDICTION_ID = /^([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}):(0|[1-9]\d{0,4})$/;

/** Clocks of machines differ. */
const SKEW_MS = 60_000;

/** Why no prediction can have this id, whatever was logged; undefined when one could. */
export function predictionIdProblem(id: string, nowMs: number): string | undefined {
  const [, inferenceId] = PREDICTION_ID.exec(id) ?? [];
  if (inferenceId === undefined) return 'must be <inference id>:<row>, as inference gave it out';
  return timeOfId(inferenceId) > nowMs + SKEW_MS ? 'is of a prediction in the future' : undefined;
}

export function inferenceIdOf(predictionId: string): string {
  return predictionId.slice(0, predictionId.indexOf(':'));
}

/** When it was made, milliseconds since 1970 (RFC 9562, section 5.7: the first 48 bits). */
export function timeOfId(inferenceId: string): number {
  return Number.parseInt(inferenceId.slice(0, 8) + inferenceId.slice(9, 13), 16);
}

/** Every id that was made before that moment is less, as a text, and no other is. */
export function leastIdAt(timeMs: number): string {
  const hex = Math.max(0, Math.trunc(timeMs)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
