import { EnvReader } from './config/env-reader.js';
import { readServiceConfig } from './config/service-config.js';
import type { ServiceSpec } from './service-spec.js';
import { startService } from './start-service.js';

/** In-flight work gets this long after a signal; then the process ends anyway, before an orchestrator kills it at 30 s. */
const DRAIN_MS = 20_000;

/** The whole of a `main.ts`: configuration from the environment, start, and a drained stop on SIGTERM or SIGINT. */
export async function runMain(spec: ServiceSpec): Promise<void> {
  try {
    const env = new EnvReader(process.env);
    const config = readServiceConfig(spec.name, env, process.env);
    spec.settings?.(env);
    env.done();
    const service = await startService(spec, config);
    runUntilStopped(service);
  } catch (error) {
    // Without a configuration there may be no logger; the operator reads this line.
    process.stderr.write(`${spec.name} can't start. ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

/** A drained stop on SIGTERM or SIGINT. */
export function runUntilStopped(running: { close(): Promise<void> }): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(running));
}

async function stop(service: { close(): Promise<void> }): Promise<void> {
  const timer = setTimeout(() => process.exit(1), DRAIN_MS);
  await service.close();
  clearTimeout(timer);
  process.exit(0);
}
