import { ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js';

/**
 * Gives up a call whose one message has not come whole in time, as HTTP gives up a body; what still comes of it is thrown away. What had come stays in memory until the
 * client ends the call or its connection is lost: the library offers no way to end a call that its client holds open. Between the messages of a stream any time may pass.
 */
export function refuseSlowMessages(timeoutMs: number): ServerInterceptor {
  return ({ requestStream }, call) => {
    if (requestStream) return call as ServerInterceptingCall;
    const details = `the message has not come whole within ${timeoutMs / 1_000} s`;
    const timer = setTimeout(() => call.sendStatus({ code: status.DEADLINE_EXCEEDED, details }), timeoutMs);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMessage: (message, proceed) => {
            clearTimeout(timer);
            proceed(message);
          },
          onReceiveHalfClose: (proceed) => {
            clearTimeout(timer);
            proceed();
          },
          onCancel: () => clearTimeout(timer),
        }),
    });
  };
}
