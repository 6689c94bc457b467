import { newId } from '@cairn/kernel';
import { describe, expect, it } from 'vitest';
import { deadLetterSubject, durableName, eventFilter, eventSubject } from './subjects.js';

const TYPE = 'cairn.registry.v1.VersionPromoted';

describe('subjects', () => {
  it('name service, aggregate and event', () => {
    expect(eventSubject(TYPE, `model-version-${newId()}`)).toBe('cairn.registry.model-version.VersionPromoted');
  });

  it('keep what NATS gives a meaning to out of a token', () => {
    expect(eventSubject(TYPE, `a.b *>-${newId()}`)).toBe('cairn.registry.a-b---.VersionPromoted');
    expect(durableName('training-scheduler', 'on drift.x', TYPE)).toBe('training-scheduler_on-drift-x_registry-VersionPromoted');
  });

  it('are found for a type that is none of ours', () => {
    expect(eventSubject('thing.happened', `run-${newId()}`)).toBe('cairn.other.run.thing-happened');
  });

  it('filter one event of all aggregates', () => {
    expect(eventFilter(TYPE)).toBe('cairn.registry.*.VersionPromoted');
  });

  it('give a dead letter of one handler and event one subject', () => {
    expect(deadLetterSubject('serving', 'on-version-promoted', 12n)).toBe('cairn-dead-letters.serving.on-version-promoted.12');
  });

  it.each(['VersionPromoted', 'cairn.registry.VersionPromoted', 'cairn.registry.v1.*', 'cairn.re>gistry.v1.X'])('refuse %s', (type) => {
    expect(() => eventFilter(type)).toThrow(expect.objectContaining({ code: 'INVALID_HANDLER' }));
  });
});
