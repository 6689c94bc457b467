import type { Message } from '@bufbuild/protobuf';

/**
 * A generated message as plain data: no `$typeName`, at any depth. Decoded messages are assignable to it, and so are object literals,
 * which is what lets a decider build events without importing anything at run time.
 */
export type Plain<T> = T extends bigint | number | string | boolean | Uint8Array | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Plain<Item>[]
    : { readonly [Key in keyof T as Key extends '$typeName' | '$unknown' ? never : Key]: Plain<T[Key]> };

/** The domain event of a generated message, e.g. `EventOf<VersionPromoted>`; distributes over a union of messages. */
export type EventOf<M extends Message> = M extends Message<infer Type> ? { readonly type: Type; readonly data: Plain<M> } : never;
