import { describe, expect, it } from 'vitest';
import type { Param } from './commands.js';
import { compareParams, type Difference } from './comparison.js';

const set = (value: string): Param => ({ key: 'max_features', value, origin: 'set', library: '', libraryVersion: '' });
const byDefault = (value: string, libraryVersion: string, library = 'scikit-learn'): Param => ({ key: 'max_features', value, origin: 'default', library, libraryVersion });
const compare = (...params: (Param | undefined)[]) =>
  compareParams(params.map((param, at) => ({ runId: String(at), params: param === undefined ? [] : [param] })))[0];

describe('parameters of runs', () => {
  it.each<[string, (Param | undefined)[], boolean, Difference, RegExp]>([
    ['the same, chosen', [set('1'), set('1')], true, 'none', /^$/],
    ['the same, defaulted at two versions', [byDefault('1', '1.0'), byDefault('1', '1.1')], true, 'none', /^$/],
    ['the same, once chosen', [set('1'), byDefault('1', '1.0')], true, 'origin', /only some chose it: 1 was set; 1 is the default of scikit-learn 1\.0/],
    ['chosen differently', [set('1'), set('2'), set('1')], false, 'chosen', /was set to 1, 2\./],
    ['once left to the default', [set('1'), byDefault('auto', '1.0')], false, 'defaulted', /1 was set; auto is the default of scikit-learn 1\.0/],
    ['a changed default', [byDefault('auto', '1.0'), byDefault('sqrt', '1.1')], false, 'default_changed',
      /^The default of max_features in scikit-learn is auto at version 1\.0 and sqrt at 1\.1: nobody chose this difference\.$/],
    ['a changed default beside a choice', [set('3'), byDefault('auto', '1.0'), byDefault('sqrt', '1.1')], false, 'default_changed', /auto at version 1\.0/],
    ['two defaults of one version', [byDefault('auto', '1.0'), byDefault('sqrt', '1.0')], false, 'defaulted', /differs where it was not chosen/],
    ['defaults of two libraries', [byDefault('auto', '1.0'), byDefault('sqrt', '1.1', 'xgboost')], false, 'defaulted', /xgboost 1\.1/],
    ['absent in one', [set('1'), undefined], false, 'absent', /not recorded by every run/],
  ])('are compared by what was chosen: %s', (_, params, same, difference, sentence) => {
    expect(compare(...params)).toMatchObject({ same, difference, sentence: expect.stringMatching(sentence), values: params.map((param) => param ?? null) });
  });

  it('come by name, once each', () => {
    const params = (...keys: string[]): Param[] => keys.map((key) => ({ ...set('1'), key }));
    const compared = compareParams([{ runId: 'a', params: params('b', 'a') }, { runId: 'b', params: params('c', 'a') }]);
    expect(compared.map(({ key, same }) => [key, same])).toEqual([['a', true], ['b', false], ['c', false]]);
  });
});
