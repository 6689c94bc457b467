import { PostgresEventStore } from '@cairn/event-store';
import { appendLoad, type AppendCount, type AppendLoad } from './append-load.js';
import { ownCpuMicros } from './cpu.js';

export interface ProcessReport extends AppendCount {
  readonly cpuMicros: number;
}

/** A process of the append matrix: started with the database's URL, appends as it is told, answers what it did. */
const store = await PostgresEventStore.open({ url: process.argv[2] ?? '', poolSize: 1 });
process.on('message', (load: AppendLoad) => {
  void (async () => {
    const cpuBefore = ownCpuMicros();
    const count = await appendLoad(store, load);
    process.send?.({ ...count, cpuMicros: ownCpuMicros() - cpuBefore } satisfies ProcessReport);
  })();
});
process.on('disconnect', () => void store.close());
process.send?.('ready');
