import type { Clock } from '@cairn/kernel';

/** Who sends a request and under which trace; set by the first hook. */
export interface Identity {
  readonly principal: string;
  readonly correlationId: string;
  readonly traceparent: string;
  readonly clock: Clock;
}

const identities = new WeakMap<object, Identity>();

export function identify(request: object, identity: Identity): void {
  identities.set(request, identity);
}

export function identityOf(request: object): Identity {
  const identity = identities.get(request);
  if (identity === undefined) throw new TypeError('the request did not come through the hooks');
  return identity;
}
