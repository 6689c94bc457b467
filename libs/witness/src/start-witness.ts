import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { fastify, type FastifyInstance } from 'fastify';
import { lockFolder } from './folder-lock.js';
import { readKnownLogs } from './known-logs.js';
import { openWitnessKey } from './witness-key.js';
import { WitnessState } from './witness-state.js';
import { Witness, type WitnessAnswer } from './witness.js';

export interface WitnessOptions {
  /** Signing key of type 0x04, mode 0600; createWitnessKey makes one. */
  readonly keyFile: string;
  /** One file per log. Made when it is not there. */
  readonly stateDir: string;
  /** Verifier keys of the logs, one a line. Read at the start. */
  readonly logsFile: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly host?: string;
  /** Told every answer to `add-checkpoint`, for a log of the process's own. */
  readonly onAnswer?: (answer: WitnessAnswer) => void;
}

export interface RunningWitness {
  /** `http://<host>:<port>`: submission and monitoring prefix. */
  readonly url: string;
  readonly verifierKey: string;
  /** Answers what it has begun, then stops. */
  close(): Promise<void>;
}

/** A checkpoint with 100 signatures and a proof of 63 hashes is half as long. */
const MAX_BODY_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const PLAIN = 'text/plain; charset=utf-8';

/** Serves `POST /add-checkpoint` and `GET /<hash>/checkpoint` until it is closed. Throws WitnessError. */
export async function startWitness(options: WitnessOptions): Promise<RunningWitness> {
  const { keyFile, stateDir, logsFile, port, host = '127.0.0.1' } = options;
  const key = await openWitnessKey(keyFile);
  const logs = await readKnownLogs(logsFile);
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(stateDir);
  try {
    const state = new WitnessState(stateDir, key.verifier);
    for (const origin of logs.keys()) await state.read(origin);
    const witness = new Witness({ key, logs, state, nowS: () => BigInt(Math.floor(Date.now() / 1000)) });
    const server = serve(witness, options.onAnswer);
    const answering = trackAnswers(server);
    const url = await server.listen({ port, host });
    return {
      url,
      verifierKey: key.verifierKey,
      close: async () => {
        await closeOnceAnswered(server, answering);
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * Waits for what was begun, not for connections that are kept open with nothing on them: a client that went away in the middle would hold the process
 * for the whole keep-alive time.
 */
async function closeOnceAnswered(server: FastifyInstance, answering: ReadonlySet<Promise<unknown>>): Promise<void> {
  const closed = server.close();
  while (answering.size > 0) await Promise.race(answering);
  server.server.closeAllConnections();
  await closed;
}

/** Answers that are on their way. */
function trackAnswers(server: FastifyInstance): ReadonlySet<Promise<unknown>> {
  const answering = new Set<Promise<unknown>>();
  server.addHook('onRequest', (_, reply, done) => {
    const answered = once(reply.raw, 'close').catch(() => undefined).finally(() => answering.delete(answered));
    answering.add(answered);
    done();
  });
  return answering;
}

function serve(witness: Witness, onAnswer: WitnessOptions['onAnswer']): FastifyInstance {
  const server = fastify({ bodyLimit: MAX_BODY_BYTES, requestTimeout: REQUEST_TIMEOUT_MS });
  // The format names no type for the body of a request: whatever is sent is text.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body));

  server.setNotFoundHandler((_, reply) => reply.code(404).type(PLAIN).send('A witness has add-checkpoint and <hash of an origin>/checkpoint.\n'));
  server.setErrorHandler((error: unknown, _, reply) => {
    const status = error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 503;
    const detail = error instanceof Error ? error.message : String(error);
    onAnswer?.({ status, contentType: PLAIN, body: '', detail });
    // What went wrong inside is for the operator; a request that did not fit is for who sent it.
    const sentence = status < 500 ? detail : 'This witness could not remember the checkpoint, and cosigned nothing. Ask again later.';
    return reply.code(status).type(PLAIN).send(`${sentence}\n`);
  });
  server.post('/add-checkpoint', async (request, reply) => {
    const answer = await witness.addCheckpoint(typeof request.body === 'string' ? request.body : '');
    onAnswer?.(answer);
    return reply.code(answer.status).header('content-type', answer.contentType).send(answer.body);
  });
  server.get<{ Params: { hash: string } }>('/:hash/checkpoint', async (request, reply) => {
    const answer = await witness.checkpoint(request.params.hash);
    return reply.code(answer.status).header('content-type', answer.contentType).header('cache-control', 'no-cache').send(answer.body);
  });
  return server;
}
