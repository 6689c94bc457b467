import { Server } from '@grpc/grpc-js';
import { grpcHealth, inference } from '@cairn/contracts';
import { LOGGER, METRICS, SERVICE_CONFIG, SERVICE_SETTINGS, type Logger, type EdgeConfig } from '@cairn/service';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Registry } from 'prom-client';
import type { ServingSettings } from '../config.js';
import { Fleet } from '../fleet/fleet.js';
import { authenticated } from './authenticated.js';
import { Health } from './health.js';
import { InferStreams } from './infer-streams.js';
import { InferenceMethods } from './inference-methods.js';
import { addMethod, addUnary } from './methods.js';
import { callHistogram, observed } from './observed-calls.js';
import { refuseSlowMessages } from './slow-messages.js';
import { credentialsOf } from './tls.js';

const DEFAULT_PORT = 5016;
/** Calls of one connection at the same time; more wait at the client. */
const MAX_CONCURRENT_CALLS = 1_000;
/** A client that is gone without a word is noticed after both. */
const PING_EVERY_MS = 60_000;
const PING_TIMEOUT_MS = 20_000;
/** What is in flight gets this long at a stop. */
const DRAIN_MS = 10_000;

/** The Open Inference Protocol over gRPC and gRPC's health protocol, on a port of their own. It stops before HTTP does, and before the parts that answer. */
@Injectable()
export class GrpcServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly server: Server;
  private readonly streams: InferStreams;
  private readonly health: Health;
  private boundPort: number | undefined;

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: Pick<EdgeConfig, 'host' | 'port' | 'auth'>,
    @Inject(SERVICE_SETTINGS) private readonly settings: ServingSettings,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Fleet) fleet: Fleet,
    @Inject(InferenceMethods) methods: InferenceMethods,
    @Inject(METRICS) registry: Registry,
  ) {
    const { limits } = settings;
    this.server = new Server({
      'grpc.max_receive_message_length': limits.maxBodyBytes,
      'grpc.max_send_message_length': limits.maxBodyBytes,
      'grpc.max_concurrent_streams': MAX_CONCURRENT_CALLS,
      'grpc.keepalive_time_ms': PING_EVERY_MS,
      'grpc.keepalive_timeout_ms': PING_TIMEOUT_MS,
      // The first is the nearest to the wire.
      interceptors: [observed(callHistogram(registry)), refuseSlowMessages(limits.bodyTimeoutMs), ...(config.auth === undefined ? [] : [authenticated(config.auth.tokens)])],
    });
    this.health = new Health(() => fleet.isReady);
    this.streams = new InferStreams((request, caller) => methods.modelInfer(request, caller));
    const edge = { server: this.server, limits, logger };
    methods.addTo((described, answer) => addUnary(edge, described, answer));
    addMethod(edge, inference.GRPCInferenceService.method.modelStreamInfer, this.streams.handle);
    addMethod(edge, grpcHealth.Health.method.check, this.health.check);
    addMethod(edge, grpcHealth.Health.method.watch, this.health.watch);
  }

  /** Where it listens. */
  get port(): number {
    if (this.boundPort === undefined) throw new TypeError('the gRPC server does not listen yet');
    return this.boundPort;
  }

  /** Throws with a sentence that names the setting when the port is taken. */
  async onApplicationBootstrap(): Promise<void> {
    const { host } = this.config;
    const wanted = this.settings.grpcPort ?? (this.config.port === 0 ? 0 : DEFAULT_PORT);
    const address = `${host.includes(':') ? `[${host}]` : host}:${wanted}`;
    this.boundPort = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync(address, credentialsOf(this.settings.grpcTls), (error, port) => {
        if (error === null) resolve(port);
        else reject(new Error(`gRPC can't listen at ${address}: ${reasonOf(error)}`, { cause: error }));
      });
    });
    this.logger.info({ port: this.boundPort, tls: this.settings.grpcTls !== undefined }, 'listening for gRPC');
  }

  /** No call is taken any more; those in flight are answered, streams end after what they have read. What takes longer than `DRAIN_MS` is cut off. */
  async beforeApplicationShutdown(): Promise<void> {
    this.health.drain();
    this.streams.drain();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.server.forceShutdown();
        resolve();
      }, DRAIN_MS);
      this.server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** The library's own text says on how many addresses it failed. */
function reasonOf({ message }: Error): string {
  return message.includes('EADDRINUSE') ? 'another program has the port. Name another one in CAIRN_SERVING_GRPC_PORT.' : message;
}
