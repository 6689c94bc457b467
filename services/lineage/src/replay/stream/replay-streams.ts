import type { ServerResponse } from 'node:http';
import type { EventStore } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import { EVENT_STORE, LOGGER, METRICS, SERVICE_SETTINGS, type Logger } from '@cairn/service';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { ReplaySettings } from '../replay-settings.js';
import { ClientConnection } from './client-connection.js';
import { eventFrames } from './event-frames.js';
import type { ReplayFilter } from './replay-filter.js';
import type { ReplayRange } from './replay-range.js';

export interface ReplayRequest {
  readonly range: ReplayRange;
  readonly filter: ReplayFilter;
  /** Factor of real time; 0 as fast as the client takes it. */
  readonly speed: number;
}

/**
 * complete  everything was sent.
 * left      the client closed the connection.
 * too-slow  the client took nothing for too long and was cut.
 * stopping  the service stops.
 * failed    the log could not be read on.
 */
type StreamEnd = 'complete' | 'left' | 'too-slow' | 'stopping' | 'failed';

/** More at once would take the database's time from commands. */
const MOST_STREAMS = 32;
/** Of a client that is cut: if it reads again within this time, it learns why. */
const CUT_GRACE_MS = 5_000;
/** How soon an EventSource comes again when the connection broke. */
const RETRY_MS = 2_000;

const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };

/** The open event streams of this process. */
@Injectable()
export class ReplayStreams implements OnModuleDestroy {
  private readonly stopping = new AbortController();
  private readonly open = new Set<Promise<void>>();
  private readonly sent: Counter;
  private readonly ended: Counter;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(SERVICE_SETTINGS) private readonly settings: ReplaySettings,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(METRICS) registry: Registry,
  ) {
    const registers = [registry];
    const { open } = this;
    this.sent = new Counter({ name: 'cairn_replay_stream_events_total', help: 'Events written to clients of the event stream.', registers });
    this.ended = new Counter({ name: 'cairn_replay_streams_ended_total', help: 'Event streams by how they ended.', labelNames: ['reason'], registers });
    new Gauge({
      name: 'cairn_replay_streams',
      help: 'Event streams that are open.',
      registers,
      collect() {
        this.set(open.size);
      },
    });
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.open);
  }

  /** Throws TOO_MANY_REPLAYS; the response is not touched then. */
  demandRoom(): void {
    if (this.open.size >= MOST_STREAMS) throw new DomainError('TOO_MANY_REPLAYS', `${MOST_STREAMS} replays are streamed already. Come again when one has ended.`, 'busy');
  }

  /** Takes the response over. `headers` go out with those of the stream. */
  start(response: ServerResponse, request: ReplayRequest, headers: Readonly<Record<string, string>>): void {
    const client = new ClientConnection(response, this.settings.stallMs);
    client.open({ ...headers, ...HEADERS });
    const stream = this.stream(client, request)
      .catch((error: unknown): StreamEnd => {
        this.logger.error({ err: error }, 'a replay broke off');
        return 'failed';
      })
      .then((end) => {
        this.ended.inc({ reason: end });
        // Whoever was sent everything still has to take the end of it.
        client.end(lastWords(end, request.range), end === 'complete' ? this.settings.stallMs : CUT_GRACE_MS);
      })
      .finally(() => this.open.delete(stream));
    this.open.add(stream);
  }

  private async stream(client: ClientConnection, { range, filter, speed }: ReplayRequest): Promise<StreamEnd> {
    const signal = AbortSignal.any([client.left, this.stopping.signal]);
    const ending = (): StreamEnd => (client.left.aborted ? 'left' : this.stopping.signal.aborted ? 'stopping' : 'too-slow');
    if (!(await client.write(`retry: ${RETRY_MS}\n\n`, signal))) return ending();
    for await (const { text, isEvent } of eventFrames({ store: this.store, range, filter, speed, signal })) {
      if (isEvent) this.sent.inc();
      if (!(await client.write(text, signal))) return ending();
    }
    return signal.aborted ? ending() : 'complete';
  }
}

function lastWords(end: StreamEnd, { to }: ReplayRange): string {
  switch (end) {
    case 'complete':
      return frame('end', { position: String(to) });
    case 'too-slow':
      return frame('cut', { code: 'CLIENT_TOO_SLOW', detail: 'Nothing was taken for too long. Come again with Last-Event-ID, or ask for a lower speed.' });
    case 'stopping':
      return frame('cut', { code: 'SERVICE_STOPPING', detail: 'The service stops. Come again with Last-Event-ID.' });
    case 'failed':
      return frame('cut', { code: 'BROKEN_OFF', detail: 'The log could not be read on. Come again with Last-Event-ID.' });
    case 'left':
      return '';
    default: {
      const unhandled: never = end;
      return unhandled;
    }
  }
}

function frame(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
