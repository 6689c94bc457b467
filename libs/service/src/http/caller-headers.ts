import type { FastifyRequest } from 'fastify';

const PASSED_ON = ['authorization', 'x-cairn-workspace', 'x-mlflow-workspace', 'x-correlation-id'] as const;

/** Headers for a question to another service that is asked as whoever asked this one: in the same workspace and with the same rights. */
export function callerHeaders({ headers }: Pick<FastifyRequest, 'headers'>): Record<string, string> {
  return Object.fromEntries(PASSED_ON.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])));
}
