import { describe, expect, it } from 'vitest';
import { callerHeaders } from './caller-headers.js';

describe('callerHeaders', () => {
  it('passes on who asks and in which workspace, and nothing else', () => {
    const asked = { authorization: 'Bearer t', 'x-cairn-workspace': 'red', 'x-correlation-id': 'c', cookie: 'secret', 'content-length': '7', host: 'here' };
    expect(callerHeaders({ headers: asked })).toEqual({ authorization: 'Bearer t', 'x-cairn-workspace': 'red', 'x-correlation-id': 'c' });
    expect(callerHeaders({ headers: { 'x-mlflow-workspace': ['red', 'blue'] } })).toEqual({});
  });
});
