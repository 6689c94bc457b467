import { waitUntil } from '@cairn/testing';
import { describe, expect, it } from 'vitest';
import { OnlineFeaturesError, type OnlineColumn, type OnlineFeatures, type OnlineQuestion } from './online-features.js';
import { MAX_CALL_ROWS, MAX_WAITING, SharedLookUps } from './shared-look-ups.js';

/** Answers each key with its length when it is told to. */
class HeldFeatures implements OnlineFeatures {
  readonly asked: OnlineQuestion[] = [];
  private readonly held: (() => void)[] = [];

  async lookUp(question: OnlineQuestion): Promise<ReadonlyMap<string, OnlineColumn>> {
    this.asked.push(question);
    await new Promise<void>((resolve) => this.held.push(resolve));
    const keys = question.entities.get('origin') ?? [];
    if (keys.includes('refused')) throw new OnlineFeaturesError('REFUSED', 'it does not like that');
    return new Map([['share', { values: keys.map(({ length }) => length), statuses: keys.map(() => 'PRESENT'), times: keys.map((key) => key) }]]);
  }

  async answerAll(calls: number): Promise<void> {
    for (let call = 0; call < calls; call += 1) {
      await waitUntil('a call is under way', () => this.held.length > 0);
      this.held.shift()?.();
    }
  }
}

const question = (keys: readonly string[], changes: Partial<OnlineQuestion> = {}): OnlineQuestion => ({
  workspace: 'default', service: 'delay', version: 1, columns: ['share'], entities: new Map([['origin', keys]]), rows: keys.length, ...changes,
});
const valuesOf = async (answer: Promise<ReadonlyMap<string, OnlineColumn>>) => (await answer).get('share')?.values;

describe('look-ups that share calls', () => {
  it('go out at once while the store is idle, and together while it is busy, each with its own answer', async () => {
    const inner = new HeldFeatures();
    const shared = new SharedLookUps(inner);
    const answers = [['a'], ['bb', 'ccc'], ['dddd'], ['eeeee', 'f'], []].map((keys) => valuesOf(shared.lookUp(question(keys))));
    await inner.answerAll(3);
    expect(await Promise.all(answers)).toEqual([[1], [2, 3], [4], [5, 1], []]);
    expect(inner.asked.map(({ rows }) => rows)).toEqual([1, 2, 3]);
    expect(inner.asked[2]?.entities.get('origin')).toEqual(['dddd', 'eeeee', 'f']);
  });

  it('do not mix workspaces, services, versions or columns', async () => {
    const inner = new HeldFeatures();
    const shared = new SharedLookUps(inner);
    const others = [{}, { workspace: 'red' }, { service: 'other' }, { version: 2 }, { columns: ['share', 'more'] }];
    const answers = others.flatMap((changes) => ['a', 'b', 'c', 'd'].map((key) => shared.lookUp(question([key], changes))));
    await inner.answerAll(15);
    await Promise.all(answers);
    expect(inner.asked).toHaveLength(15);
  });

  it('keep to what one call may ask for', async () => {
    const inner = new HeldFeatures();
    const shared = new SharedLookUps(inner);
    const half = new Array<string>(MAX_CALL_ROWS / 2 + 1).fill('k');
    const answers = [half, half, half, half].map((keys) => shared.lookUp(question(keys)));
    await inner.answerAll(4);
    await Promise.all(answers);
    expect(inner.asked).toHaveLength(4);
  });

  it('are refused at once when too many wait', async () => {
    const inner = new HeldFeatures();
    const shared = new SharedLookUps(inner);
    const answers = Array.from({ length: 2 + MAX_WAITING }, () => shared.lookUp(question(['a'])));
    await expect(shared.lookUp(question(['b']))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await inner.answerAll(3);
    expect(await Promise.all(answers.map(valuesOf))).toEqual(answers.map(() => [1]));
  });

  it('fail with those they shared a call with, and with no others', async () => {
    const inner = new HeldFeatures();
    const shared = new SharedLookUps(inner);
    const answers = [['a'], ['b'], ['refused'], ['c']].map((keys) => valuesOf(shared.lookUp(question(keys))));
    const settled = Promise.allSettled(answers);
    await inner.answerAll(3);
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    const again = shared.lookUp(question(['d']));
    await inner.answerAll(1);
    expect(await valuesOf(again)).toEqual([1]);
  });
});
