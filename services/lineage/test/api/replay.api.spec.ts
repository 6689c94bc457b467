import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { newId } from '@cairn/kernel';
import { startTestService, waitUntil, type TestService } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';
import { eventOf } from '../lineage-log.js';

const PATH = '/lineage/v1/replay';
const SMALL = 20;
const LARGE = 700;
const LARGE_BYTES = 50_000;

interface Frame {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

function framesOf(stream: string): Frame[] {
  const blocks = stream.split('\n\n').filter((block) => /^(id|event|data):/m.test(block));
  return blocks.map((block) => Object.fromEntries(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])));
}

describe(`GET ${PATH}`, () => {
  let lineage: TestService;
  beforeAll(async () => {
    lineage = await startTestService(service, { settings: { CAIRN_REPLAY_STALL_MS: '300' } });
    for (let at = 0; at < SMALL; at += 1) {
      const type = at % 2 === 0 ? 'cairn.catalog.v1.DatasetVersionQuarantined' : 'cairn.registry.v1.RegisteredModelCreated';
      const stream = `${at % 2 === 0 ? 'dataset-version' : 'registered-model'}-${newId()}`;
      await lineage.store.append([{ stream, expected: 'none', events: [eventOf(type, { name: `event ${at}` })] }]);
    }
    const large = Array.from({ length: LARGE }, () => eventOf('cairn.catalog.v1.DatasetVersionQuarantined', { reason: 'x'.repeat(LARGE_BYTES) }));
    for (let at = 0; at < LARGE; at += 100) await lineage.store.append([{ stream: `dataset-version-${newId()}`, expected: 'none', events: large.slice(at, at + 100) }]);
  });
  afterAll(() => lineage.close());

  const ask = (query: string, headers = {}) => lineage.fetchJson('GET', `${PATH}?${query}`, undefined, headers);
  const positions = async (query: string, headers = {}) => framesOf((await ask(query, headers)).body).flatMap(({ id }) => id ?? []);
  const numbers = (from: number, to: number, step = 1) => Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => String(from + at * step));
  const metric = async (name: string): Promise<number> => {
    const { body } = await lineage.fetchJson('GET', '/metrics');
    return Number(new RegExp(`^${name.replaceAll(/[{}"]/g, '\\$&')} (\\d+)$`, 'm').exec(body)?.[1] ?? 0);
  };

  /** A connection of which nothing is read yet. HTTP/1.0, so that the stream comes as it is and ends with the connection. */
  async function openStream(query = ''): Promise<Socket> {
    const { hostname, port } = new URL(lineage.url);
    const socket = connect(Number(port), hostname).pause();
    await once(socket, 'connect');
    socket.write(`GET ${PATH}?${query} HTTP/1.0\r\n\r\n`);
    return socket;
  }

  describe('200', () => {
    it('streams what happened, each event with its position, its type and the exact text that was hashed', async () => {
      const { status, headers, body } = await ask(`to=${SMALL - 1}`);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
      expect(headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
      const { events } = await lineage.store.readRecords(0n, { limit: SMALL });
      expect(framesOf(body)).toEqual([
        ...events.map(({ position, type, body: data }) => ({ id: String(position), event: type, data })),
        { event: 'end', data: `{"position":"${SMALL - 1}"}` },
      ]);
    });

    it('begins and ends where it is asked to, and goes on after the last event that was seen', async () => {
      expect(await positions('from=3&to=6')).toEqual(numbers(3, 6));
      expect(await positions('from=3&to=6', { 'last-event-id': '4' })).toEqual(numbers(5, 6));
      expect(await positions(`to=${SMALL - 1}`, { 'last-event-id': '17' })).toEqual(numbers(18, 19));
    });

    it('begins and ends at times, in any zone, and goes on after the last event that was seen', async () => {
      const { events } = await lineage.store.readAll(0n, { limit: SMALL });
      const timeOf = (at: number) => events[at]!.time;
      expect(await positions(`from=${timeOf(3)}&to=${timeOf(6)}`)).toEqual(numbers(3, 6));
      expect(await positions(`from=${timeOf(3)}&to=6`)).toEqual(numbers(3, 6));
      expect(await positions(`from=3&to=${timeOf(6)}`, { 'last-event-id': '4' })).toEqual(numbers(5, 6));
      expect(await positions(`from=2000-01-01T00:00:00Z&to=${timeOf(2)}`)).toEqual(numbers(0, 2));
      const shifted = `${new Date(Date.parse(timeOf(6)) + 3_600_000).toISOString().slice(0, 19)}.${timeOf(6).slice(20, 26)}%2B01:00`;
      expect(await positions(`from=3&to=${shifted}`)).toEqual(numbers(3, 6));
    });

    it('sends what passes the filter, by the beginnings of types and streams', async () => {
      const to = `to=${SMALL - 1}`;
      expect(await positions(`${to}&filter=type:cairn.registry.`)).toEqual(numbers(1, 19, 2));
      expect(await positions(`${to}&filter=stream:dataset-version-`)).toEqual(numbers(0, 18, 2));
      expect(await positions(`${to}&filter=stream:dataset-version-,type:cairn.registry.`)).toEqual([]);
      expect(await positions(`${to}&filter=type:cairn.registry.,type:cairn.catalog.`)).toEqual(numbers(0, 19));
    });

    it('keeps the order at any speed', async () => {
      expect(await positions(`to=${SMALL - 1}&speed=50.5`)).toEqual(numbers(0, SMALL - 1));
      expect(await positions(`to=${SMALL - 1}&speed=0`)).toEqual(numbers(0, SMALL - 1));
    });

    it('waits as long between events as it was then, and notices who leaves meanwhile', async () => {
      // A ten-thousandth of real time: the second event is due in minutes.
      const socket = await openStream(`to=${SMALL - 1}&speed=0.0001`);
      let seen = '';
      socket.on('data', (chunk: Buffer) => {
        seen += chunk.toString('utf8');
      });
      socket.resume();
      await waitUntil('the first event is there', () => seen.includes('id: 0\n'));
      const before = await metric('cairn_replay_streams_ended_total{reason="left"}');
      expect(await metric('cairn_replay_streams')).toBe(1);
      socket.destroy();
      await waitUntil('it is noticed', async () => (await metric('cairn_replay_streams_ended_total{reason="left"}')) > before);
      expect(await metric('cairn_replay_streams')).toBe(0);
      expect(seen).not.toContain('id: 1\n');
    });

    it('gives a client that reads at last everything that there is', async () => {
      const before = await metric('cairn_replay_stream_events_total');
      const socket = await openStream();
      const frames = framesOf(await text(socket));
      expect(frames.flatMap(({ id }) => id ?? [])).toEqual(numbers(0, SMALL + LARGE - 1));
      expect((await metric('cairn_replay_stream_events_total')) - before).toBe(SMALL + LARGE);
    });

    it('cuts a client that does not read, tells it why when it reads again, and has buffered no more than the connection holds', async () => {
      const before = await metric('cairn_replay_stream_events_total');
      const socket = await openStream();
      await waitUntil('it is cut', async () => (await metric('cairn_replay_streams_ended_total{reason="too-slow"}')) === 1);
      const sent = (await metric('cairn_replay_stream_events_total')) - before;
      // Most of the log was never read: the rest of what was is in the buffers of the operating system.
      expect(sent).toBeLessThan(SMALL + LARGE);
      const frames = framesOf(await text(socket));
      expect(frames.filter(({ id }) => id !== undefined)).toHaveLength(sent);
      expect(frames.at(-1)).toMatchObject({ event: 'cut' });
      expect(JSON.parse(frames.at(-1)!.data!)).toMatchObject({ code: 'CLIENT_TOO_SLOW' });
    });
  });

  describe('204', () => {
    it('tells an EventSource that has seen everything not to come again', async () => {
      expect(await ask('', { 'last-event-id': String(SMALL + LARGE - 1) })).toMatchObject({ status: 204, body: '' });
    });

    const silences = ['from=2999-01-01T00:00:00Z', 'to=2000-01-01T00:00:00Z', 'from=2000-01-01T00:00:00Z&to=2000-01-02T00:00:00Z'];
    it.each(silences)('has nothing to tell of a time without events: %s', async (query) => {
      expect(await ask(query)).toMatchObject({ status: 204, body: '' });
    });
  });

  describe('400', () => {
    it.each([
      ['from=-1', 'VALIDATION_FAILED'],
      ['to=last', 'VALIDATION_FAILED'],
      ['speed=fast', 'VALIDATION_FAILED'],
      ['speed=-1', 'VALIDATION_FAILED'],
      ['speed=1000001', 'VALIDATION_FAILED'],
      ['filter=a&filter=b', 'VALIDATION_FAILED'],
      ['since=3', 'VALIDATION_FAILED'],
      ['from=5&to=4', 'RANGE_REVERSED'],
      ['from=720', 'POSITION_NOT_WRITTEN'],
      ['to=720', 'POSITION_NOT_WRITTEN'],
      ['from=2026-01-31', 'INVALID_TIME'],
      ['to=2026-13-31T12:00:00Z', 'INVALID_TIME'],
      ['to=2026-01-31T12:00:00', 'INVALID_TIME'],
      ['from=2026-01-31T12:00:00+01:00', 'INVALID_TIME'],
      ['from=12:00', 'VALIDATION_FAILED'],
      [`to=2026-${'1'.repeat(100)}`, 'VALIDATION_FAILED'],
      ['from=2026-01-31T12:00:00Z&from=2026-01-31T13:00:00Z', 'VALIDATION_FAILED'],
      ['from=2026-01-31T12:00:00Z&to=2026-01-31T11:00:00Z', 'RANGE_REVERSED'],
      ['from=5&to=2000-01-01T00:00:00Z', 'RANGE_REVERSED'],
      ['from=2999-01-01T00:00:00Z&to=5', 'RANGE_REVERSED'],
      ['filter=registry', 'INVALID_FILTER'],
    ])('takes no %s', async (query, code) => {
      expect(await ask(query)).toMatchObject({ status: 400, body: { code } });
    });

    it('takes no Last-Event-ID that is none', async () => {
      expect(await ask('', { 'last-event-id': 'seven' })).toMatchObject({ status: 400, body: { code: 'INVALID_LAST_EVENT_ID' } });
    });
  });

  describe('503', () => {
    it('streams 32 replays at once', async () => {
      const open = await Promise.all(Array.from({ length: 32 }, () => openStream('to=1&speed=0.0001')));
      await waitUntil('all are open', async () => (await metric('cairn_replay_streams')) === 32);
      expect(await ask('to=1')).toMatchObject({ status: 503, body: { code: 'TOO_MANY_REPLAYS' } });
      for (const socket of open) socket.destroy();
      await waitUntil('there is room', async () => (await ask('to=1')).status === 200);
    });
  });
});
