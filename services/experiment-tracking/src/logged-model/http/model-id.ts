/** A logged model's id: `m-` and 32 hex digits on the wire, in events and in tables; the same UUID with dashes names the stream. Undefined when none can have it. */
export function convertModelId(wireId: string): string | undefined {
  return /^m-[0-9a-f]{32}$/.test(wireId) ? wireId : undefined;
}

/** `m-4915f5ea…` → `4915f5ea-945c-…`. */
export function streamIdOfModel(modelId: string): string {
  const hex = modelId.slice(2);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
