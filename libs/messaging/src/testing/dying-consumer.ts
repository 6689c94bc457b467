import { Effects } from './effects.js';
import { startClaimService } from './claim-service.js';

// A service process that dies, by SIGKILL, once the effect of its first event is committed and before it is acknowledged. Arguments: URLs of NATS and of the database.
const [natsUrl = '', databaseUrl = ''] = process.argv.slice(2);
const effects = await Effects.join(databaseUrl);
await startClaimService({
  url: natsUrl,
  handler: async (delivery) => {
    await effects.carryOut(delivery);
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined);
  },
});
