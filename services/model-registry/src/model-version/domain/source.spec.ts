import { describe, expect, it } from 'vitest';
import { isSafeSource } from './source.js';

describe('isSafeSource', () => {
  it.each(['runs:/abc/model.onnx', 'models:/late/1', 'mlflow-artifacts:/e/r/artifacts/a..b', 's3://bucket/key', 'dummy-source', 'runs:/a/100%25', 'runs:/a/%'])(
    'takes %s',
    (source) => expect(isSafeSource(source)).toBe(true),
  );

  it.each([
    '', '/etc/passwd', 'file:///etc/passwd', 'runs', 'C:\\model', 'runs:/r/../../secret', 'runs:/r/%2e%2e/secret', 'runs:/r/%252e%252e/secret',
    'runs:/r/a\0b', 'runs:/r/a\\..\\b', `runs:/${'r'.repeat(1_000)}`, `runs:/r/${`%${'25'.repeat(9)}2e`.repeat(2)}`, 'runs:/r/..#x', 'runs:/r?x=/..',
  ])('refuses %j', (source) => expect(isSafeSource(source)).toBe(false));
});
