import { type CommandMeta, newId } from '@cairn/kernel';

/** What comes with a command, for specs: a fresh command of `local` in the workspace `default` on a fixed day, unless said otherwise. */
export function testMeta(overrides: Partial<CommandMeta> = {}): CommandMeta {
  return {
    commandId: newId(),
    now: '2026-01-15T12:00:00.000000Z',
    actor: { principal: 'local' },
    workspace: 'default',
    correlationId: newId(),
    ...overrides,
  };
}
