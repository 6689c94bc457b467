import 'reflect-metadata';
import type { ServiceName } from '@cairn/service';
import { startStack } from '../../stack/stack.js';

/** What the benchmark needs to know of the stack that it measures. */
export interface CairnReady {
  readonly gateway: string;
  readonly tracking: string;
  readonly database: string;
}

/** All of Cairn as `npm start` runs it, in a process of its own: the load that asks it must not share its event loop. Ends with the process that began it. */
const [dataDir = '', ...services] = process.argv.slice(2);
const { urls, close } = await startStack({ dataDir, ports: 'any', quiet: true, ...(services.length > 0 && { services: services as ServiceName[] }) });
process.send?.({ gateway: urls.gateway, tracking: urls['experiment-tracking'], database: urls.database } satisfies CairnReady);
process.once('disconnect', () => void close());
