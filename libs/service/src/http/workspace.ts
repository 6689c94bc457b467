import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { DomainError } from '@cairn/kernel';

const DEFAULT_WORKSPACE = 'default';
const HEADER = 'x-cairn-workspace';
/** MLflow's clients send it once a workspace is set. */
const MLFLOW_HEADER = 'x-mlflow-workspace';
const PREFIX = /^\/workspaces\/([^/?]*)(?=[/?]|$)/;
/** MLflow's own rule, so that a name is valid for its clients too. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export const isWorkspaceName = (name: string): boolean => NAME.test(name);

/**
 * `/workspaces/red/api/…` is `/api/…` in the workspace red: a base URI is all that a client needs to be set to. The name goes into the header that
 * carries workspaces, beside one that the caller sent: when they differ, the request is refused.
 */
export function takeWorkspaceFromPath({ url = '/', headers }: IncomingMessage): string {
  const [prefix, name] = PREFIX.exec(url) ?? [];
  if (prefix === undefined) return url;
  const sent = headers[HEADER];
  headers[HEADER] = sent === undefined || sent === name ? name : `${String(sent)}, ${name}`;
  const rest = url.slice(prefix.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Throws DomainError INVALID_WORKSPACE for a name that no workspace can have, and when two names are sent. */
export function workspaceOf(headers: IncomingHttpHeaders): string {
  const names = new Set([headers[HEADER], headers[MLFLOW_HEADER]].filter((name) => name !== undefined));
  const [name = DEFAULT_WORKSPACE, other] = names;
  if (other === undefined && typeof name === 'string' && isWorkspaceName(name)) return name;
  throw new DomainError(
    'INVALID_WORKSPACE',
    'Name one workspace, by X-Cairn-Workspace, X-MLFLOW-WORKSPACE or /workspaces/<name>/ before the path: 1 to 63 small letters, digits and, between them, dashes.',
    'invalid',
  );
}
