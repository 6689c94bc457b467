import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { takeWorkspaceFromPath, workspaceOf } from './workspace.js';

/** What becomes of a request: the path that is routed, and the workspace that it is in. */
function arrived(url: string, headers: IncomingHttpHeaders = {}): readonly [path: string, workspace: string] {
  const path = takeWorkspaceFromPath({ url, headers } as IncomingMessage);
  return [path, workspaceOf(headers)];
}

describe('the workspace of a request', () => {
  it('is the default one when nothing is said', () => expect(arrived('/api/2.0/mlflow/runs/get?run_id=1')).toEqual(['/api/2.0/mlflow/runs/get?run_id=1', 'default']));

  it('comes with either header, or with the path', () => {
    expect(arrived('/v2', { 'x-cairn-workspace': 'red' })).toEqual(['/v2', 'red']);
    expect(arrived('/v2', { 'x-mlflow-workspace': 'red' })).toEqual(['/v2', 'red']);
    expect(arrived('/workspaces/red/v2/models?a=%2F')).toEqual(['/v2/models?a=%2F', 'red']);
    expect(arrived('/workspaces/red')).toEqual(['/', 'red']);
    expect(arrived('/workspaces/red?a=1')).toEqual(['/?a=1', 'red']);
  });

  it('may be said twice, but not differently', () => {
    expect(arrived('/workspaces/red/v2', { 'x-mlflow-workspace': 'red', 'x-cairn-workspace': 'red' })).toEqual(['/v2', 'red']);
    for (const header of ['x-mlflow-workspace', 'x-cairn-workspace']) {
      expect(() => arrived('/workspaces/red/v2', { [header]: 'blue' })).toThrow(expect.objectContaining({ code: 'INVALID_WORKSPACE' }));
    }
    expect(() => arrived('/v2', { 'x-mlflow-workspace': 'red', 'x-cairn-workspace': 'blue' })).toThrow(expect.objectContaining({ code: 'INVALID_WORKSPACE' }));
  });

  it.each(['', '-red', 'red-', 'Red', 'a b', '%72ed', '..', 'a'.repeat(64)])('is never named "%s"', (name) => {
    expect(() => arrived(`/workspaces/${name}/v2`)).toThrow(expect.objectContaining({ code: 'INVALID_WORKSPACE', kind: 'invalid' }));
  });
});
