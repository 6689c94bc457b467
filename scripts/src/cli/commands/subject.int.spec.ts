import { PostgresEventStore } from '@cairn/event-store';
import { newId } from '@cairn/kernel';
import { createDatabase } from '@cairn/testing';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addSettings } from '../settings.js';
import { register } from './subject.js';

it('cairn subject erase makes personal fields unreadable once, and says when there is nothing to erase', async () => {
  const database = await createDatabase();
  const meta = { source: '/experiment-tracking', workspace: 'default', actor: { principal: 'bot' }, correlationId: newId() };
  const event = { id: newId(), type: 'cairn.tracking.v1.RunStarted', data: { runId: 'r', user: 'ada' }, meta };
  const store = await PostgresEventStore.open({ url: database.url });
  await store.append([{ stream: 'run-1', expected: 'none', events: [event] }]);

  const cairn = async (...args: string[]) => {
    const program = addSettings(new Command('cairn').exitOverride());
    register(program);
    await program.parseAsync(['node', 'cairn', 'subject', 'erase', ...args, '--database-url', database.url, '--json']);
  };
  await expect(cairn('Ada')).rejects.toThrow('There is no key for "Ada"');
  await cairn('ada');
  expect(await store.readStream('run-1')).toMatchObject([{ data: { user: '[erased]' } }]);
  await expect(cairn('ada')).rejects.toThrow('erased before');

  await store.close();
  await database.drop();
});
