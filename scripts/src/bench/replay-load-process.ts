import 'reflect-metadata';
import { PostgresEventStore } from '@cairn/event-store';
import { openBenchReadModel } from './command-load.js';
import { replayUntil } from './replay-load-neighbour.js';

// A process that replays the read model of another one, over and over, until it is told to stop; the replay at hand is then still ended.
const url = process.argv[2] ?? '';
const store = await PostgresEventStore.open({ url });
const readModel = await openBenchReadModel(url, store);
// The live tables are the other process's business.
await readModel.runner.stop();
const stop = new AbortController();
process.once('message', () => stop.abort());
process.send?.('ready');
const replays = await replayUntil(readModel, stop.signal);
await readModel.close();
await store.close();
process.send?.(replays);
process.disconnect();
