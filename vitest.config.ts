import { defineConfig } from 'vitest/config';

// The kind is in a spec's name: *.spec.ts is pure and fast; int, api, fault and e2e talk to a real PostgreSQL and NATS.
const SERVER_KINDS = ['int', 'api', 'fault', 'e2e'];
const roots = ['libs/*/src', 'services/*/src', 'services/*/test', 'scripts', 'test'];
const withServers = SERVER_KINDS.flatMap((kind) => roots.map((root) => `${root}/**/*.${kind}.spec.ts`));
const never = ['**/node_modules/**', '**/dist/**'];

const shared = {
  resolve: { conditions: ['@cairn/source', 'node'] },
  ssr: { resolve: { conditions: ['@cairn/source', 'node'], externalConditions: ['@cairn/source', 'node'] } },
};

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: roots.map((root) => `${root}/**/*.spec.ts`),
          exclude: [...never, ...withServers],
          globalSetup: ['libs/testing/src/vitest-temp.ts'],
        },
      },
      {
        ...shared,
        test: {
          name: 'servers',
          include: withServers,
          exclude: never,
          globalSetup: ['libs/testing/src/vitest-temp.ts', 'libs/testing/src/vitest-servers.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
          // After the pure ones: Vitest asks for an order when projects differ in their number of workers.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
