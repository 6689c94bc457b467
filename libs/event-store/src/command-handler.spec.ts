import { derivedId, DomainError, newId, streamName, type Command, type CommandMeta, type Decider } from '@cairn/kernel';
import type { EventOf, registry } from '@cairn/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { CommandHandler, type HandleOptions } from './command-handler.js';
import type { ReadStreamOptions, StreamAppend } from './event-store.js';
import { MemoryEventStore } from './memory/memory-event-store.js';

type Event = EventOf<registry.AliasMoved | registry.ModelNameClaimed>;
type Move = Command<'Move', { readonly aliases: readonly string[]; readonly limit?: number }>;
type State = readonly string[];

/** Remembers which aliases were moved, in order; moves each only once. */
const aliases: Decider<State, Move, Event, 'TOO_MANY'> = {
  category: 'model',
  initialState: () => [],
  evolve: (state, event) => (event.type === 'cairn.registry.v1.AliasMoved' ? [...state, event.data.alias] : state),
  decide: ({ data }, state) => {
    const fresh = data.aliases.filter((alias) => !state.includes(alias));
    if (state.length + fresh.length > (data.limit ?? 100)) return { refused: 'TOO_MANY', message: 'Too many aliases.' };
    return fresh.map((alias) => ({ type: 'cairn.registry.v1.AliasMoved', data: { modelId: 'm', alias, versionId: 'v', version: 1, previousVersionId: '' } }));
  },
  refusals: { TOO_MANY: 'unmet' },
};

const metaOf = (commandId = newId()): CommandMeta => ({ commandId, now: '2026-01-15T12:00:00.000000Z', actor: { principal: 'alice' }, workspace: 'team', correlationId: newId() });
const move = (...wanted: string[]): Move => ({ type: 'Move', data: { aliases: wanted }, meta: metaOf() });

describe('command handler', () => {
  let store: MemoryEventStore;
  let waited: bigint[];
  let handler: CommandHandler;
  let id: string;
  const handle = (command: Move, options: Partial<HandleOptions<Event>> = {}) => handler.handle(aliases, command, { id, ...options });
  const stream = () => store.readStream(streamName('model', id));

  beforeEach(() => {
    store = new MemoryEventStore();
    waited = [];
    handler = new CommandHandler(store, '/model-registry', { waitFor: async (position) => void waited.push(position) });
    id = newId();
  });

  it('appends what was decided, with who, where and why, and waits for its own read model', async () => {
    const command = move('champion', 'staging');
    const events = [{ data: { alias: 'champion' } }, { data: { alias: 'staging' } }];
    expect(await handle(command)).toMatchObject({ state: ['champion', 'staging'], revision: 1n, position: 1n, events });
    expect(waited).toEqual([1n]);
    const { correlationId } = command.meta;
    const stored = { type: 'cairn.registry.v1.AliasMoved', source: '/model-registry', workspace: 'team', actor: { principal: 'alice' }, correlationId };
    expect(await stream()).toMatchObject([stored, stored]);
  });

  it('records nothing when there is nothing to record', async () => {
    await handle(move('champion'));
    expect(await handle(move('champion'))).toEqual({ state: ['champion'], revision: 0n, position: undefined, events: [] });
    expect(await store.size()).toBe(1n);
  });

  it('answers a refusal with its code, text and kind', async () => {
    const command = { ...move('a', 'b'), data: { aliases: ['a', 'b'], limit: 1 } };
    await expect(handle(command)).rejects.toEqual(expect.objectContaining({ code: 'TOO_MANY', message: 'Too many aliases.', kind: 'unmet' }));
    expect(await store.size()).toBe(0n);
  });

  it('answers a repeated command as the first time, also after others have acted', async () => {
    const command = move('champion', 'staging');
    const first = await handle(command);
    await handle(move('canary'));
    const { events, position } = first;
    expect(await handle(command)).toMatchObject({ events, position });
    expect(waited).toEqual([1n, 2n, 1n]);
    expect(await store.size()).toBe(3n);
  });

  it('appends a command once that was sent several times at once', async () => {
    const command = move('champion');
    const results = await Promise.all([handle(command), handle(command), handle(command)]);
    expect(results.map(({ position }) => position)).toEqual([0n, 0n, 0n]);
    expect(await store.size()).toBe(1n);
  });

  it('lets many write to one stream at once, and refuses nobody', async () => {
    const results = await Promise.all(Array.from({ length: 90 }, (_, index) => handle(move(`alias-${index}`))));
    expect(results.map(({ revision }) => revision)).toEqual(results.map((_, index) => BigInt(index)));
  });

  it('decides again when others were faster, and nobody loses a decision', async () => {
    await Promise.all(Array.from({ length: 6 }, (_, index) => handle(move(`alias-${index}`, 'shared'))));
    const { state } = await handler.state(aliases, id);
    expect([...state].sort()).toEqual([...Array.from({ length: 6 }, (_, index) => `alias-${index}`), 'shared'].sort());
  });

  it('sees what another process has appended, although it remembers what it has read', async () => {
    await handle(move('champion'));
    await new CommandHandler(store, '/other').handle(aliases, move('staging'), { id });
    expect(await handle(move('staging', 'canary'))).toMatchObject({ state: ['champion', 'staging', 'canary'], revision: 2n, events: [{ data: { alias: 'canary' } }] });
  });

  it('reads of a long stream only what is new', async () => {
    for (let count = 0; count < 4; count += 1) await handle(move(...Array.from({ length: 20 }, (_, index) => `alias-${count}-${index}`)));
    const read: (bigint | undefined)[] = [];
    const counting = Object.assign(Object.create(store) as MemoryEventStore, {
      readStream: (name: string, options: ReadStreamOptions) => {
        read.push(options.from);
        return store.readStream(name, options);
      },
    });
    const fresh = new CommandHandler(counting, '/model-registry');
    for (const alias of ['a', 'b', 'c']) await fresh.handle(aliases, move(alias), { id });
    expect(read).toEqual([0n]);
    await new CommandHandler(store, '/other').handle(aliases, move('d'), { id });
    expect(await fresh.handle(aliases, move('e'), { id })).toMatchObject({ revision: 84n });
    expect((await fresh.state(aliases, id)).state.slice(-3)).toEqual(['c', 'd', 'e']);
    // The end of the stream, to see who was faster; what came since; and for the state once more.
    expect(read).toEqual([0n, 83n, 85n]);
  });

  it('refuses by what is stored now, not by what it remembers', async () => {
    const other = new CommandHandler(store, '/other');
    await handle(move('a'));
    await other.handle(aliases, move('b', 'c'), { id });
    const command = { ...move('d'), data: { aliases: ['d'], limit: 3 } };
    await expect(handle(command)).rejects.toEqual(expect.objectContaining({ code: 'TOO_MANY' }));
    expect(await handle(move('b'))).toMatchObject({ revision: 2n, position: undefined });
  });

  it('answers as the first time when another process has recorded the command, decided by another state', async () => {
    await handle(move('a'));
    const command = move('b', 'c');
    const other = new CommandHandler(store, '/other');
    await other.handle(aliases, move('c'), { id });
    const first = await other.handle(aliases, command, { id });
    expect(first.events).toHaveLength(1);
    expect(await handle(command)).toMatchObject({ state: ['a', 'c', 'b'], events: first.events, position: first.position });
    expect(await handle(move('d'))).toMatchObject({ state: ['a', 'c', 'b', 'd'], revision: 3n });
  });

  it('reads nothing for what is new, and everything when it is not', async () => {
    const unread = Object.assign(Object.create(store) as MemoryEventStore, { readStream: () => Promise.reject(new TypeError('read')) });
    await new CommandHandler(unread, '/test').handle(aliases, move('a'), { id, isNew: true });
    expect(await handle(move('b'), { isNew: true })).toMatchObject({ state: ['a', 'b'], revision: 1n });
  });

  it('notices that the log was restored to an earlier state', async () => {
    let current = store;
    const moving = Object.assign(Object.create(store) as MemoryEventStore, {
      append: (appends: readonly StreamAppend[]) => current.append(appends),
      readStream: (name: string, options: ReadStreamOptions) => current.readStream(name, options),
    });
    const survivor = new CommandHandler(moving, '/model-registry');
    await survivor.handle(aliases, move('a', 'b', 'c'), { id });
    current = new MemoryEventStore();
    expect(await survivor.handle(aliases, move('d'), { id })).toMatchObject({ state: ['d'], revision: 0n });
  });

  it('gives up after so many attempts', async () => {
    const always = Object.assign(Object.create(store) as MemoryEventStore, {
      append: async (appends: readonly StreamAppend[]) => {
        await new CommandHandler(store, '/other').handle(aliases, move(newId()), { id });
        return store.append(appends);
      },
    });
    const unlucky = new CommandHandler(always, '/model-registry');
    await expect(unlucky.handle(aliases, move('champion'), { id, maxAttempts: 3 })).rejects.toEqual(expect.objectContaining({ code: 'CONCURRENT_CHANGE', kind: 'conflict' }));
    expect(await store.size()).toBe(3n);
  });

  it('lets a stream that cannot be reached be the caller’s trouble', async () => {
    await store.close();
    await expect(handle(move('champion'))).rejects.toEqual(expect.objectContaining({ code: 'UNAVAILABLE' }));
  });

  describe('with a claim alongside', () => {
    const claims = (name: string) => ({
      alongside: () => [
        {
          stream: streamName('model-name', derivedId('team', name)),
          expected: 'none' as const,
          events: [{ type: 'cairn.registry.v1.ModelNameClaimed', data: { name, modelId: id } }],
        },
      ],
      onAlongsideConflict: () => new DomainError('MODEL_NAME_TAKEN', 'The name is taken.', 'conflict'),
    });

    it('appends both or neither', async () => {
      expect(await handle(move('champion'), claims('delay'))).toMatchObject({ revision: 0n, position: 1n });
      const first = id;
      id = newId();
      await expect(handle(move('champion'), claims('delay'))).rejects.toEqual(expect.objectContaining({ code: 'MODEL_NAME_TAKEN' }));
      expect(await stream()).toEqual([]);
      expect(await store.size()).toBe(2n);
      expect(id).not.toBe(first);
    });

    it('is not asked when nothing was decided', async () => {
      await handle(move('champion'), claims('delay'));
      expect(await handle(move('champion'), claims('delay'))).toMatchObject({ position: undefined });
    });

    it('repeats as one', async () => {
      const command = move('champion');
      await handle(command, claims('delay'));
      expect(await handle(command, claims('delay'))).toMatchObject({ revision: 0n, position: 0n });
      expect(await store.size()).toBe(2n);
    });
  });
});
