import type { FastifyInstance } from 'fastify';
import { V2Error } from './v2-error.js';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Notes which routes `add` makes in the scope, and answers 405 at their paths to everything else, before a body is read. */
export function addWithRefusals(scope: FastifyInstance, add: () => void): void {
  const known = new Map<string, Set<string>>();
  let adding = true;
  scope.addHook('onRoute', ({ method, routePath }) => {
    if (!adding) return;
    // The scope's own path is made with and without a slash at its end, and is one.
    const path = routePath || '/';
    const methods = known.get(path) ?? new Set();
    for (const each of [method].flat()) methods.add(each);
    known.set(path, methods);
  });
  add();
  adding = false;
  for (const [url, allowed] of known) {
    const allow = [...allowed].sort().join(', ');
    const refuse = async (): Promise<void> => {
      throw new V2Error(405, `Method Not Allowed: ${allow} can be sent to this path`, { headers: { allow } });
    };
    scope.route({ method: METHODS.filter((method) => !allowed.has(method)), url, onRequest: refuse, handler: refuse });
  }
}
