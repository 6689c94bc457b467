import { status, type sendUnaryData, type ServerUnaryCall, type ServerWritableStream } from '@grpc/grpc-js';
import { grpcHealth, inference } from '@cairn/contracts';
import { Unreadable } from './messages.js';
import { statusOf, streamError } from './status.js';

type Request = grpcHealth.HealthCheckRequest | Unreadable;
interface Answer {
  readonly status: grpcHealth.HealthCheckResponse_ServingStatus;
}

const { ServingStatus } = { ServingStatus: grpcHealth.HealthCheckResponse_ServingStatus };
const SERVICES: readonly string[] = ['', inference.GRPCInferenceService.typeName];
/** How late whoever watches learns of a change. */
const LOOK_EVERY_MS = 500;

/** grpc.health.v1.Health: serving while all replicas that are wanted are ready, as `ServerReady` says it. */
export class Health {
  private readonly watchers = new Map<ServerWritableStream<Request, Answer>, { readonly service: string; last: number }>();
  private timer: NodeJS.Timeout | undefined;
  private draining = false;

  constructor(private readonly isReady: () => boolean) {}

  readonly check = ({ request }: ServerUnaryCall<Request, Answer>, answer: sendUnaryData<Answer>): void => {
    if (request instanceof Unreadable) return answer(statusOf(request.reason));
    const { service } = request;
    if (!SERVICES.includes(service)) return answer({ code: status.NOT_FOUND, details: `there is no service '${service.slice(0, 200)}' here` });
    answer(null, { status: this.statusOf(service) });
  };

  readonly watch = (call: ServerWritableStream<Request, Answer>): void => {
    const { request } = call;
    if (request instanceof Unreadable) {
      call.emit('error', streamError(request.reason));
      return;
    }
    const watcher = { service: request.service, last: this.statusOf(request.service) };
    call.write({ status: watcher.last });
    this.watchers.set(call, watcher);
    call.once('cancelled', () => this.forget(call));
    this.timer ??= setInterval(() => this.look(), LOOK_EVERY_MS);
    this.timer.unref();
  };

  /** Nothing serves from now on; whoever watches is told, and let go. */
  drain(): void {
    this.draining = true;
    this.look();
    for (const call of [...this.watchers.keys()]) {
      this.forget(call);
      call.emit('error', { code: status.UNAVAILABLE, details: 'the server stops' });
    }
  }

  private look(): void {
    for (const [call, watcher] of this.watchers) {
      const now = this.statusOf(watcher.service);
      if (now === watcher.last) continue;
      watcher.last = now;
      call.write({ status: now });
    }
  }

  private forget(call: ServerWritableStream<Request, Answer>): void {
    this.watchers.delete(call);
    if (this.watchers.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private statusOf(service: string): grpcHealth.HealthCheckResponse_ServingStatus {
    if (!SERVICES.includes(service)) return ServingStatus.SERVICE_UNKNOWN;
    return this.isReady() && !this.draining ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }
}
