import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

// Each library may import what is below it (ARCHITECTURE.md, "The ladder").
const ladder = {
  kernel: [],
  contracts: ['kernel'],
  'event-store': ['kernel', 'contracts', 'transparency', 'object-store'],
  messaging: ['kernel', 'contracts', 'event-store'],
  'read-model': ['kernel', 'contracts', 'event-store'],
  'object-store': ['kernel'],
  transparency: ['kernel'],
  audit: ['kernel', 'transparency'],
  witness: ['kernel', 'transparency', 'durable-file'],
  tabular: ['kernel'],
  embedded: ['kernel'],
  'durable-file': [],
  service: ['kernel', 'contracts', 'event-store', 'messaging', 'read-model', 'object-store', 'transparency', 'tabular'],
  mlflow: ['kernel', 'service'],
};
const infra = [...Object.keys(ladder)];
// Specs use the harness, which is built on what they test. Production code does not: see no-restricted-imports below.
const specsOnly = infra.map((lib) => [`@cairn/${lib}`, '@cairn/testing']);
const services = [
  'data-catalog', 'feature-store', 'experiment-tracking', 'training-scheduler', 'model-registry', 'serving', 'monitoring', 'lineage', 'gateway',
];
const scopes = (names) => names.map((name) => `scope:${name}`);

const depConstraints = [
  ...Object.entries(ladder).map(([lib, below]) => ({ sourceTag: `scope:${lib}`, onlyDependOnLibsWithTags: scopes([lib, ...below, 'testing']) })),
  ...services.map((service) => ({ sourceTag: `scope:${service}`, onlyDependOnLibsWithTags: scopes([service, ...infra.filter((lib) => lib !== 'embedded'), 'testing']) })),
  { sourceTag: 'type:lib', onlyDependOnLibsWithTags: ['type:lib'] },
  { sourceTag: 'type:service', onlyDependOnLibsWithTags: ['type:lib'] },
  { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['type:lib', 'type:tool'] },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/gen/**', '.nx/**', '.cairn/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', { allow: [], depConstraints, ignoredCircularDependencies: specsOnly, checkDynamicDependenciesExceptions: ['.*'] }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'as' }],
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    ignores: ['**/*.spec.ts', 'libs/testing/**', '**/testing/**', 'test/**', 'scripts/**', 'services/*/test/**'],
    rules: {
      'no-restricted-imports': ['error', { paths: [{ name: '@cairn/testing', message: 'Production code does not import the test harness: only specs do.' }] }],
    },
  },
  {
    files: ['services/*/src/*/domain/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', {
        patterns: [{ regex: '^(?!\\./)', allowTypeImports: true, message: 'A domain is pure: import types only, and its own files. Time, ids and the actor come with the command.' }],
      }],
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval', 'performance', 'crypto', 'console'],
      'no-restricted-properties': ['error',
        { object: 'Date', property: 'now', message: 'Time comes with the command (meta.now).' },
        { object: 'Math', property: 'random', message: 'Randomness comes with the command.' }],
    },
  },
  { files: ['scripts/**', 'test/**', '**/*.mjs', '**/*.js'], languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', Buffer: 'readonly', setTimeout: 'readonly' } }, rules: { 'no-console': 'off' } },
  { files: ['**/*.spec.ts'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
);
