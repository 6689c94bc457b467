import { runUntilStopped } from '@cairn/service';
import { replicaConfig } from './config.js';
import { startReplica } from './start-replica.js';

try {
  runUntilStopped(await startReplica(replicaConfig()));
} catch (error) {
  process.stderr.write(`The replica can't start. ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
