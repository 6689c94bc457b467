import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';
import type { EnvReader } from '@cairn/service';

/** PEM, as files hold them. The certificate is followed by those that lead to one which clients trust. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

const CERT = 'CAIRN_SERVING_GRPC_TLS_CERT';
const KEY = 'CAIRN_SERVING_GRPC_TLS_KEY';

/** Undefined: without TLS. What does not fit together is a problem of `env`: a server that fails at its first caller is found too late. */
export function readTlsFiles(env: EnvReader): TlsFiles | undefined {
  if (env.optional(CERT) === undefined && env.optional(KEY) === undefined) return undefined;
  const cert = readPem(env, CERT, KEY);
  const key = readPem(env, KEY, CERT);
  if (cert === undefined || key === undefined) return undefined;
  try {
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (error) {
    env.problem(`${CERT} and ${KEY} are no certificate and its key in PEM: ${error instanceof Error ? error.message : String(error)}.`);
    return undefined;
  }
}

/** TLS 1.2 and later. Clients show no certificate: who they are is said by their token. */
export function credentialsOf(tls: TlsFiles | undefined): ServerCredentials {
  return tls === undefined ? ServerCredentials.createInsecure() : ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.cert }], false);
}

function readPem(env: EnvReader, name: string, other: string): Buffer | undefined {
  const path = env.optional(name);
  if (path === undefined) {
    env.problem(`${name} is missing, and ${other} is set: TLS needs both.`);
    return undefined;
  }
  try {
    return readFileSync(path);
  } catch {
    env.problem(`${name} can't be read: ${path}.`);
    return undefined;
  }
}
