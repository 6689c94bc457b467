import { startStack } from '../stack/stack.js';

/** The stack in a process of its own: what the demo asks of it must not share its event loop. */
export interface StackRequest {
  readonly dataDir: string;
  readonly tokens: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

export type StackAnswer = { readonly gatewayUrl: string } | { readonly failure: string };

process.once('message', (request: StackRequest) => {
  void run(request);
});

async function run({ dataDir, tokens, env }: StackRequest): Promise<void> {
  const answer = (message: StackAnswer): void => void process.send?.(message);
  try {
    const stack = await startStack({ dataDir, fresh: true, ports: 'any', tokens, env, quiet: true });
    const close = (): void => {
      void stack.close().finally(() => process.exit(0));
    };
    process.once('disconnect', close);
    process.once('SIGTERM', close);
    process.on('SIGINT', () => undefined);
    answer({ gatewayUrl: stack.urls.gateway });
  } catch (error) {
    answer({ failure: error instanceof Error ? error.message : String(error) });
    process.disconnect();
  }
}
