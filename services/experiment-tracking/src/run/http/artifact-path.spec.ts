import { describe, expect, it } from 'vitest';
import { artifactRoot, safePath, splitFilePath, splitProxyPath } from './artifact-path.js';

const run = '4915f5ea945c4798b0a8a8747cfb337b';
const refused = expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' });

describe('artifact paths', () => {
  it('lie under a run', () => {
    expect(splitProxyPath(`e/${run}/artifacts/d/x.txt`)).toEqual({ owner: { kind: 'run', id: run }, path: 'd/x.txt' });
    expect(splitProxyPath(`/e/${run}/artifacts/`)).toEqual({ owner: { kind: 'run', id: run }, path: '' });
    expect(artifactRoot('e', run)).toBe(`mlflow-artifacts:/e/${run}/artifacts`);
    for (const path of ['', 'e', `e/${run}`, `e/${run}/other/x`, 'e/models/m-1/artifacts/x', `e/${run}/artifacts/../../x`]) {
      expect(() => splitProxyPath(path)).toThrow(refused);
    }
  });

  it('lie under a logged model', () => {
    const id = `m-${run}`;
    expect(splitFilePath(`e/models/${id}/artifacts/MLmodel`)).toEqual({ owner: { kind: 'logged-model', id }, path: 'MLmodel' });
    expect(splitProxyPath(`e/models/${id}/artifacts`)).toEqual({ owner: { kind: 'logged-model', id }, path: '' });
    expect(() => splitFilePath(`e/models/${id}/artifacts`)).toThrow(refused);
    for (const path of [`e/models/${run}/artifacts/x`, `e/${id}/artifacts/x`, `e/models/${id}/x`]) expect(() => splitProxyPath(path)).toThrow(refused);
  });

  it.each(['model.onnx', 'a b/c (1).txt', 'größe.json', 'a..b', '100%', 'd/e/'])('may be %j', (path) => expect(safePath(path)).toBe(path.replace(/\/$/, '')));

  it.each([
    '..', '../x', 'a/../b', './a', 'a//b', '/a', 'a\\b', 'a\0b', 'a\nb', '%2e%2e/x', '%252e%252e/x', `${`%${'25'.repeat(9)}2e`.repeat(2)}/x`, '\ud800',
    'p'.repeat(1_001),
  ])('may not be %j', (path) => expect(() => safePath(path)).toThrow(refused));
});
