/** Makes a plain value unchangeable all the way down, so that a decider that is not pure throws. */
export function deepFreeze<T>(value: T): T {
  const isPlain = typeof value === 'object' && value !== null && [Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(value));
  if (!isPlain || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value as object)) deepFreeze(inner);
  return value;
}
