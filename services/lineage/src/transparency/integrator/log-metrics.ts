import { METRICS } from '@cairn/service';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Gauge, type Registry } from 'prom-client';
import { LogLeader } from './log-leader.js';

/** What somebody should be woken for: a log that nothing signs any more. */
@Injectable()
export class LogMetrics implements OnModuleInit {
  constructor(
    @Inject(METRICS) private readonly registry: Registry,
    @Inject(LogLeader) private readonly leader: LogLeader,
  ) {}

  onModuleInit(): void {
    const { registry, leader } = this;
    new Gauge({
      name: 'cairn_log_refused',
      help: '1 while this process refuses to sign, because the log is not what was signed.',
      registers: [registry],
      collect() {
        this.set(leader.state === 'refused' ? 1 : 0);
      },
    });
    new Gauge({
      name: 'cairn_log_quorum_missing',
      help: '1 while a signed checkpoint is not public, because too few witnesses of the policy have cosigned it.',
      registers: [registry],
      collect() {
        this.set(leader.witnesses?.quorumMet === false ? 1 : 0);
      },
    });
    new Gauge({
      name: 'cairn_log_witness_state',
      help: '1 for the state in which the witness was left when it was asked last; `late` is no fault where the quorum was met without it.',
      labelNames: ['witness', 'state'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [witness, { state }] of leader.witnesses?.witnesses ?? []) this.set({ witness, state }, 1);
      },
    });
    new Gauge({
      name: 'cairn_log_signed_events',
      help: 'Events that the last public checkpoint covers; with the database away it keeps its last value.',
      registers: [registry],
      async collect() {
        const signed = await leader.signed().catch(() => undefined);
        if (signed !== undefined) this.set(Number(signed.size));
      },
    });
  }
}
