import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { BodyMemory } from './body-memory.js';

function requestOf(memory: BodyMemory) {
  const request = new IncomingMessage(new Socket());
  const answer = new ServerResponse(request);
  memory.watch(request, answer);
  return { request, end: () => answer.emit('close') };
}

describe('BodyMemory', () => {
  it('refuses what is too much for all, and has room again when an answer is gone', () => {
    const memory = new BodyMemory(10);
    const [one, other] = [requestOf(memory), requestOf(memory)];
    memory.hold(one.request, 6);
    expect(() => memory.hold(other.request, 5)).toThrow('too many large requests at once');
    memory.hold(other.request, 4);
    one.end();
    expect(memory.heldBytes).toBe(4);
    memory.hold(other.request, 6);
    other.end();
    expect(memory.heldBytes).toBe(0);
  });

  it('holds nothing for whoever is gone', () => {
    const memory = new BodyMemory(10);
    const gone = requestOf(memory);
    gone.end();
    memory.hold(gone.request, 5);
    expect(memory.heldBytes).toBe(0);
  });
});
