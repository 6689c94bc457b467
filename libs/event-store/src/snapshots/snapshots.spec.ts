import { DomainError, eventIdOf, newId, streamName } from '@cairn/kernel';
import { waitUntil } from '@cairn/testing';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { CommandHandler } from '../command-handler.js';
import { EventStoreError } from '../errors.js';
import type { EventStore, ReadStreamOptions, StoredEvent } from '../event-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { inconsistencies } from '../testing/consistency.js';
import { keptAliases, moveAliases, type MoveAliases } from '../testing/kept-aliases.js';
import { EventMarks } from './event-marks.js';
import { MemorySnapshotStore } from './memory-snapshot-store.js';
import { writeSnapshot } from './snapshot.js';
import type { Snapshot, SnapshotStore } from './snapshot-store.js';

const id = '01900000-0000-7000-8000-0000000000a1';
const stream = streamName('model', id);
const rule = keptAliases.snapshot;

const named = (from: number, count: number): string[] => Array.from({ length: count }, (_, index) => `alias-${from + index}`);
const restarted = (log: EventStore, snapshots?: SnapshotStore, onFailure?: (error: unknown) => void) =>
  new CommandHandler(log, '/test', undefined, snapshots && { store: snapshots, ...(onFailure && { onFailure }) });
const told = async (log: EventStore) => (await log.readAll(0n)).events.map(({ id: eventId, data }) => [eventId, data]);
/** Everything that a command shows its caller. */
const outcomeOf = (handler: CommandHandler, command: MoveAliases) =>
  handler.handle(keptAliases, command, { id }).catch((error: unknown) => (error instanceof DomainError ? error.code : Promise.reject(error)));

describe('snapshots', () => {
  let log: MemoryEventStore;
  let snapshots: MemorySnapshotStore;
  let reads: { from: bigint; count: number }[];
  let watched: EventStore;
  const kept = () => snapshots.find(stream, rule.version);
  const stateOf = async (handler: CommandHandler) => (await handler.state(keptAliases, id)).state;
  /** Has the stream folded, and waits for the snapshot that is saved behind the caller's back. */
  const keepUpTo = async (revision: bigint) => {
    await stateOf(restarted(log, snapshots));
    await waitUntil('the snapshot is saved', async () => (await kept())?.revision === revision);
  };

  beforeEach(() => {
    log = new MemoryEventStore();
    snapshots = new MemorySnapshotStore();
    reads = [];
    watched = Object.assign(Object.create(log) as MemoryEventStore, {
      readStream: async (name: string, options: ReadStreamOptions) => {
        const page = await log.readStream(name, options);
        reads.push({ from: options.from ?? 0n, count: page.length });
        return page;
      },
    });
  });

  it('spare a new process the events that they cover', async () => {
    for (let at = 0; at < 60; at += 20) await outcomeOf(restarted(log), moveAliases(named(at, 20)));
    await keepUpTo(59n);
    await outcomeOf(restarted(log), moveAliases(named(60, 5)));
    expect(await stateOf(restarted(watched, snapshots))).toEqual(named(0, 65));
    // The first look at the stream, then the event at which the snapshot ends with all that came since.
    expect(reads).toEqual([{ from: 0n, count: 10 }, { from: 59n, count: 6 }]);
  });

  it('are not asked for where a stream is short, nor made', async () => {
    await outcomeOf(restarted(log, snapshots), moveAliases(named(0, 9)));
    const unasked = Object.assign(Object.create(snapshots) as MemorySnapshotStore, { find: () => Promise.reject(new TypeError('asked')) });
    const failures: unknown[] = [];
    expect(await stateOf(restarted(watched, unasked, (error) => failures.push(error)))).toEqual(named(0, 9));
    expect(failures).toEqual([]);
    expect(reads).toEqual([{ from: 0n, count: 9 }]);
    expect(await kept()).toBeUndefined();
  });

  it('are renewed as the stream grows', async () => {
    const handler = restarted(log, snapshots);
    for (const [at, revision] of [[0, 19n], [20, 39n]] as const) {
      await outcomeOf(handler, moveAliases(named(at, 20)));
      await stateOf(handler);
      await waitUntil('the snapshot is saved', async () => (await kept())?.revision === revision);
    }
  });

  it('change no answer, whatever happens to them in between', async () => {
    const small = fc.integer({ min: 0, max: 60 });
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('move' as const), aliases: fc.uniqueArray(small, { maxLength: 12 }), limit: small }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('repeat' as const), which: fc.nat() }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('wipe' as const, 'damage' as const, 'replace the log' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        let [withSnapshots, without] = [new MemoryEventStore(), new MemoryEventStore()];
        let store: MemorySnapshotStore = new MemorySnapshotStore();
        let [handler, plain] = [restarted(withSnapshots, store), restarted(without)];
        const commands: MoveAliases[] = [];
        for (const action of steps) {
          if (action.do === 'replace the log') [withSnapshots, without] = [new MemoryEventStore(), new MemoryEventStore()];
          if (action.do === 'wipe') store = new MemorySnapshotStore();
          if (action.do === 'damage') {
            const snapshot = await store.find(stream, rule.version);
            if (snapshot !== undefined) await store.save({ ...snapshot, body: snapshot.body.replace('alias-1', 'alias-2') });
          }
          if (action.do !== 'move' && action.do !== 'repeat') [handler, plain] = [restarted(withSnapshots, store), restarted(without)];
          const repeated = action.do === 'repeat' && commands.length > 0 ? commands[action.which % commands.length] : undefined;
          const command = action.do === 'move' ? moveAliases(action.aliases.map((alias) => `alias-${alias}`), action.limit) : repeated;
          if (command === undefined) continue;
          commands.push(command);
          expect(await outcomeOf(handler, command)).toEqual(await outcomeOf(plain, command));
          // A snapshot is saved in a later turn.
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(await inconsistencies(withSnapshots)).toEqual([]);
        expect(await told(withSnapshots)).toEqual(await told(without));
      }),
    );
  }, 60_000);

  describe('that are not what they should be are not believed', () => {
    const other = moveAliases(['another']);
    const forgedBy = (change: (snapshot: Snapshot) => Partial<Snapshot>) => async () => {
      const snapshot = await kept();
      if (snapshot !== undefined) await snapshots.save({ ...snapshot, ...change(snapshot) });
    };
    const ofAnotherLog = (count: number) => async () => {
      const longer = new MemoryEventStore();
      await outcomeOf(restarted(longer), moveAliases(named(500, count)));
      await stateOf(restarted(longer, snapshots));
      await waitUntil('the other log has a snapshot', async () => (await kept())?.body.includes('alias-500'));
    };
    it.each<[string, () => Promise<void>]>([
      ['truncated', forgedBy(({ body }) => ({ body: body.slice(0, body.length / 2) }))],
      ['emptied', forgedBy(() => ({ body: '', checksum: '' }))],
      ['edited', forgedBy(({ body }) => ({ body: body.replace('alias-3', 'alias-9') }))],
      ['said to cover less', forgedBy(({ revision }) => ({ revision: revision - 3n }))],
      ['said to cover more than the stream has', forgedBy(() => ({ revision: 5_000n }))],
      ['without a checksum', forgedBy(() => ({ checksum: '' }))],
      ['of another log, as long', ofAnotherLog(25)],
      ['of another log, shorter', ofAnotherLog(12)],
      ['of the future: the log was restored to before it', ofAnotherLog(40)],
    ])('%s', async (_, spoil) => {
      await outcomeOf(restarted(log), moveAliases(named(0, 25)));
      await keepUpTo(24n);
      await spoil();
      const handler = restarted(watched, snapshots);
      expect(await stateOf(handler)).toEqual(named(0, 25));
      expect(await outcomeOf(handler, other)).toMatchObject({ state: [...named(0, 25), 'another'], revision: 25n });
      // And a sound one takes its place.
      await waitUntil('the snapshot is replaced', async () => (await kept())?.revision === 24n);
      expect(await stateOf(restarted(log, snapshots))).toEqual([...named(0, 25), 'another']);
      expect(await inconsistencies(log)).toEqual([]);
    });

    it('of another version, or one that the decider cannot read', async () => {
      await outcomeOf(restarted(log), moveAliases(named(0, 25)));
      await keepUpTo(24n);
      const choosy = { ...keptAliases, snapshot: { ...rule, fromJson: () => { throw new TypeError('not mine'); } } };
      for (const decider of [{ ...keptAliases, snapshot: { ...rule, version: 2 } }, choosy]) {
        reads = [];
        expect((await restarted(watched, snapshots).state(decider, id)).state).toEqual(named(0, 25));
        expect(reads.map(({ count }) => count)).toEqual([10, 15]);
      }
    });
  });

  describe('and the log alone answers', () => {
    const lost = new EventStoreError('UNAVAILABLE', 'gone');
    it.each<[string, (snapshot: Snapshot) => Promise<void>, boolean]>([
      ['when saving fails and nothing is stored', () => Promise.reject(lost), false],
      ['when saving fails and it is stored', async (snapshot) => snapshots.save(snapshot).then(() => Promise.reject(lost)), true],
    ])('%s', async (_, save, isStored) => {
      const failures: unknown[] = [];
      const failing = Object.assign(Object.create(snapshots) as MemorySnapshotStore, { save });
      const handler = restarted(log, failing, (error) => failures.push(error));
      await outcomeOf(handler, moveAliases(named(0, 25)));
      expect(await outcomeOf(handler, moveAliases(['a']))).toMatchObject({ revision: 25n });
      await waitUntil('the failure is told', () => failures.length > 0);
      expect(await outcomeOf(handler, moveAliases(['b']))).toMatchObject({ revision: 26n });
      expect((await kept()) !== undefined).toBe(isStored);
      expect(failures).toEqual([lost]);
      expect(await stateOf(restarted(log, snapshots))).toEqual([...named(0, 25), 'a', 'b']);
      expect(await inconsistencies(log)).toEqual([]);
    });

    it('when saving never ends, or the state cannot be written', async () => {
      const stuck = Object.assign(Object.create(snapshots) as MemorySnapshotStore, { save: () => new Promise<void>(() => undefined) });
      const handler = restarted(log, stuck);
      for (let at = 0; at < 100; at += 20) expect(await outcomeOf(handler, moveAliases(named(at, 20)))).toMatchObject({ revision: BigInt(at + 19) });
      const failures: unknown[] = [];
      const unwritable = { ...keptAliases, snapshot: { ...rule, toJson: () => { throw new TypeError('cannot'); } } };
      expect((await restarted(log, snapshots, (error) => failures.push(error)).state(unwritable, id)).revision).toBe(99n);
      await waitUntil('the failure is told', () => failures.length === 1);
    });

    it('when they cannot be read', async () => {
      await outcomeOf(restarted(log), moveAliases(named(0, 25)));
      const failures: unknown[] = [];
      const unreadable = Object.assign(Object.create(snapshots) as MemorySnapshotStore, { find: () => Promise.reject(lost) });
      expect(await stateOf(restarted(log, unreadable, (error) => failures.push(error)))).toEqual(named(0, 25));
      expect(failures).toEqual([lost]);
    });

    it('when all of them are deleted at any moment', async () => {
      const handler = restarted(log, snapshots);
      await outcomeOf(handler, moveAliases(named(0, 25)));
      await keepUpTo(24n);
      snapshots = new MemorySnapshotStore();
      expect(await outcomeOf(handler, moveAliases(['a']))).toMatchObject({ revision: 25n });
      expect(await stateOf(restarted(log, snapshots))).toEqual([...named(0, 25), 'a']);
    });
  });

  describe('and a repeated command that one of them covers', () => {
    it('is answered as the first time, also when it would be decided otherwise now, and nothing is read twice for it', async () => {
      const [first, second] = [moveAliases(named(0, 15)), moveAliases(named(10, 15), 25)];
      const answers = [await outcomeOf(restarted(log), first), await outcomeOf(restarted(log), second)];
      await outcomeOf(restarted(log), moveAliases(named(25, 35)));
      await keepUpTo(59n);
      for (const [index, command] of [first, second].entries()) {
        const { events, position } = answers[index] as { events: unknown; position: unknown };
        reads = [];
        const again = await outcomeOf(restarted(watched, snapshots), { ...command, data: { ...command.data, limit: 0 } });
        expect(again).toMatchObject({ events, position, revision: 59n });
        expect(reads.map(({ from }) => from)).toEqual([0n, 59n, index === 0 ? 0n : 15n]);
      }
      expect(await log.size()).toBe(60n);
    });

    it('is told from a new command with an id that looks alike', async () => {
      await outcomeOf(restarted(log), moveAliases(named(0, 25)));
      const events = await log.readStream(stream);
      const command = moveAliases(['new']);
      const marks = new EventMarks();
      for (const event of events) marks.add(event.revision, event.revision === 3n ? eventIdOf(command.meta.commandId, stream, 0) : event.id);
      const last = events.at(-1) as StoredEvent;
      await snapshots.save(writeSnapshot(stream, rule, { state: named(0, 25), revision: 24n, marks, last }) as Snapshot);
      expect(await outcomeOf(restarted(watched, snapshots), command)).toMatchObject({ events: [{ data: { alias: 'new' } }], revision: 25n });
      expect(reads.map(({ from }) => from)).toEqual([0n, 24n, 3n]);
    });
  });

  it('that would be too large are not written', () => {
    const kept = { revision: 0n, marks: new EventMarks(), last: { id: newId(), time: '' } };
    expect(writeSnapshot(stream, rule, { ...kept, state: ['x'.repeat(9_000_000)] })).toBeUndefined();
    expect(writeSnapshot(stream, rule, { ...kept, state: ['x'] })).toMatchObject({ version: 1, revision: 0n });
  });
});
