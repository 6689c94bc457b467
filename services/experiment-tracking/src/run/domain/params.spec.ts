import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { Param, RunCommand, Tag } from './commands.js';
import { run } from './decider.js';
import type { RunEvent } from './state.js';

const started: RunEvent = {
  type: 'cairn.tracking.v1.RunStarted',
  data: { runId: 'r', experimentId: 'e', name: 'n', startTimeMs: 1n, user: '', tags: [], criteriaVersion: 0, criteria: [] },
};
const set = (key: string, value: string): Param => ({ key, value, origin: 'set', library: '', libraryVersion: '' });
const byDefault = (key: string, value: string, libraryVersion = '1.9.1'): Param => ({ key, value, origin: 'default', library: 'scikit-learn', libraryVersion });
const log = (params: readonly Param[], ...tags: Tag[]): RunCommand => ({ type: 'LogBatch', data: { params, metrics: [], tags }, meta: testMeta() });
const logged = (...params: Param[]): RunEvent => ({ type: 'cairn.tracking.v1.ParamsLogged', data: { runId: 'r', params } });
const tagged = (...tags: Tag[]): RunEvent => ({ type: 'cairn.tracking.v1.RunTagsSet', data: { runId: 'r', tags } });
const defaults = (keys: readonly string[], version = '1.9.1'): Tag => ({ key: 'cairn.params.defaulted', value: JSON.stringify({ library: 'scikit-learn', version, keys }) });

describe('the tag of defaulted parameters', () => {
  const { given } = deciderSpec(run);
  const tol = defaults(['tol', 'never logged']);

  it('says so of what comes with it, before it and after it', () => {
    given([started]).when(log([set('C', '2'), set('tol', '0.1')], tol)).then([logged(set('C', '2'), byDefault('tol', '0.1')), tagged(tol)]);
    given([started, logged(set('C', '2'), set('tol', '0.1'))]).when(log([], tol)).then([logged(byDefault('tol', '0.1')), tagged(tol)]);
    given([started, tagged(tol)]).when(log([set('C', '2'), set('tol', '0.1')])).then([logged(set('C', '2'), byDefault('tol', '0.1'))]);
  });

  it('changes nothing when it is said again', () => {
    given([started, logged(byDefault('tol', '0.1')), tagged(tol)]).when(log([], tol)).thenNothing();
    given([started, logged(byDefault('tol', '0.1')), tagged(tol)]).when(log([set('tol', '0.1')])).thenNothing();
    given([started, logged(byDefault('tol', '0.1')), tagged(tol)]).when(log([set('tol', '0.2')])).thenRefused('PARAM_CHANGED');
  });

  it('takes the last word on who supplied a value', () => {
    const newer = defaults(['tol'], '2.0');
    given([started, logged(byDefault('tol', '0.1')), tagged(tol)]).when(log([], newer)).then([logged(byDefault('tol', '0.1', '2.0')), tagged(newer)]);
  });

  it('may name several libraries', () => {
    const both: Tag = { ...tol, value: `[${tol.value}, {"library": "numpy", "version": "2", "keys": ["dtype"]}]` };
    given([started]).when(log([set('dtype', 'f8')], both)).then([logged({ ...byDefault('dtype', 'f8', '2'), library: 'numpy' }), tagged(both)]);
  });

  it.each([
    'C, tol', '', 'null', '{}', '{"library": "a", "version": "1"}', '{"library": "a", "version": "1", "keys": "C"}', '{"library": "", "version": "1", "keys": []}',
    '{"library": "a", "version": 1, "keys": []}', '{"library": "a", "version": "1", "keys": [1]}', '{"library": "\\u0000", "version": "1", "keys": []}', '[[]]',
    `{"library": "${'l'.repeat(251)}", "version": "1", "keys": []}`, JSON.stringify(Array.from({ length: 21 }, () => ({ library: 'l', version: '1', keys: [] }))),
  ])('is refused as %s', (value) => {
    const wrong: Tag = { ...tol, value };
    given([started]).when(log([], wrong)).thenRefused('INVALID_DEFAULTED_TAG');
    given([]).when({ type: 'StartRun', data: { ...started.data, tags: [wrong] }, meta: testMeta() }).thenRefused('INVALID_DEFAULTED_TAG');
  });

  it('says nothing where an old log holds one that does not fit', () => {
    given([started, tagged({ ...tol, value: 'C, tol' })]).when(log([set('tol', '0.1')])).then([logged(set('tol', '0.1'))]);
  });
});
