import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { authenticate, type TokenTable } from '@cairn/service';
import { textOf } from './caller.js';
import { statusOf } from './status.js';

/** Probes have no token; they learn whether the server serves. */
const OPEN = '/grpc.health.v1.Health/';

/** Refuses a call without a valid token when its metadata is there, before any message of it is read. */
export function authenticated(tokens: TokenTable): ServerInterceptor {
  return ({ path }, call) => {
    if (path.startsWith(OPEN)) return call as ServerInterceptingCall;
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            try {
              authenticate(textOf(metadata, 'authorization'), tokens);
            } catch (error) {
              call.sendStatus(statusOf(error));
              return;
            }
            proceed(metadata);
          },
        }),
    });
  };
}
