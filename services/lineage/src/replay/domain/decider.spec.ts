import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { RecordDigest } from './commands.js';
import { readModel } from './decider.js';
import type { ReadModelEvent } from './state.js';

const table = (name: string, digit = 'a') => ({ name, rows: 3n, digest: digit.repeat(64) });
const data = { service: 'model-registry', position: 41n, tables: [table('alias'), table('model')] };
const record = (changes: Partial<RecordDigest['data']> = {}): RecordDigest => ({ type: 'RecordDigest', data: { ...data, ...changes }, meta: testMeta() });
const digested = (changes: Partial<RecordDigest['data']> = {}): ReadModelEvent => ({ type: 'cairn.lineage.v1.ReadModelDigested', data: { ...data, ...changes } });
const { given, when } = deciderSpec(readModel);

describe('RecordDigest', () => {
  it('records what the tables are', () => {
    when(record()).then([digested()]);
    given([digested()]).when(record({ position: 42n })).then([digested({ position: 42n })]);
  });

  it('records nothing twice', () => {
    given([digested()]).when(record()).thenNothing();
  });

  it.each([[{ tables: [table('alias')] }], [{ tables: [table('alias'), table('model', 'b')] }], [{ tables: [table('alias'), { ...table('model'), rows: 4n }] }]])(
    'records other tables of the same position: somebody changed them',
    (changes) => {
      given([digested()]).when(record(changes)).then([digested(changes)]);
    },
  );

  it('takes no tables that are none, and no digests that are none', () => {
    when(record({ tables: [] })).thenRefused('INVALID_DIGEST', /no tables/);
    when(record({ tables: [table('alias', 'x')] })).thenRefused('INVALID_DIGEST', /SHA-256/);
  });
});
