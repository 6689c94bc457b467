import {
  checkPolicy,
  decodeEntries,
  hashLeaf,
  openCheckpoint,
  parsePolicy,
  parseVerifier,
  tilesByPath,
  verifyConsistency,
  verifyCopy,
  verifyInclusion,
  verifyReceipt,
  type Checkpoint,
} from '@cairn/transparency';
import { startTestService, waitUntil, type TestService } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';
import { append } from '../story.js';

const EVENTS = 300;

describe('the transparency log', () => {
  let lineage: TestService;
  let checkpoint: Checkpoint;
  let note: string;
  let verifierKey: string;

  beforeAll(async () => {
    lineage = await startTestService(service, { settings: { CAIRN_LOG_ORIGIN: 'log.example/test', CAIRN_LOG_SIGN_INTERVAL_MS: '50' } });
    await append(
      lineage,
      Array.from({ length: EVENTS }, (_, at) => ['cairn.catalog.v1.DatasetVersionQuarantined', { versionId: `version-${at}` }] as const),
    );
    verifierKey = (await lineage.fetchJson('GET', '/lineage/v1/log/key')).body.trim();
    note = await waitUntil('a checkpoint over all events', async () => {
      const { body } = await lineage.fetchJson('GET', '/checkpoint');
      return typeof body === 'string' && body.split('\n')[1] === String(EVENTS) && body;
    });
    checkpoint = openCheckpoint(note, parseVerifier(verifierKey));
  });
  afterAll(() => lineage.close());

  const hashes = (texts: string[]): Uint8Array[] => texts.map((text) => Buffer.from(text, 'base64'));
  const get = (path: string) => lineage.fetchJson('GET', path);
  const bytes = async (path: string): Promise<Uint8Array | undefined> => {
    const response = await fetch(`${lineage.url}/${path}`);
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
  };

  describe('GET /checkpoint', () => {
    describe('200', () => {
      it('is a note that the log signed, under the name that it was given', async () => {
        expect(checkpoint).toMatchObject({ origin: 'log.example/test', size: BigInt(EVENTS) });
        expect((await get('/checkpoint')).headers.get('content-type')).toBe('text/plain; charset=utf-8');
      });
    });
  });

  describe('GET /lineage/v1/log/policy', () => {
    describe('200', () => {
      it('says of a log without witnesses that it publishes what it signs', async () => {
        const { body, headers } = await get('/lineage/v1/log/policy');
        expect(body).toBe(`log ${verifierKey}\nquorum none\n`);
        expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
        expect(checkPolicy(note, parsePolicy(body))).toMatchObject({ quorumMet: true, cosigners: [] });
      });
    });
  });

  describe('GET /tile/…', () => {
    describe('200', () => {
      it('serves all that a verifier who knows nothing of Cairn needs', async () => {
        const lines: string[] = [];
        for (const [path, first] of [
          ['tile/entries/000', 0],
          ['tile/entries/001.p/44', 256],
        ] as const) {
          for (const [at, entry] of decodeEntries((await bytes(path))!).entries())
            lines.push(JSON.stringify({ position: String(first + at), body: Buffer.from(entry).toString('utf8') }));
        }
        const copy = (async function* () {
          yield* lines;
        })();
        expect(await verifyCopy(copy, { checkpoint: note, verifierKey, tiles: tilesByPath(bytes) })).toMatchObject({ verified: true, size: BigInt(EVENTS) });
      });

      it('serves the beginning of a tile under its own name, for ever', async () => {
        const [narrow, wide] = [await bytes('tile/0/001.p/7'), await bytes('tile/0/001.p/44')];
        expect(narrow).toEqual(wide?.subarray(0, 7 * 32));
        expect((await fetch(`${lineage.url}/tile/0/000`)).headers.get('cache-control')).toContain('immutable');
      });
    });

    describe('404', () => {
      it.each(['tile/0/002', 'tile/0/001.p/200', 'tile/5/000', 'tile/0/1', 'tile/entries/001', 'tile/entries/x001/000', 'tile/0/..%2F..%2Fkey', 'tile/x'])(
        'has no %s',
        async (path) => {
          expect(await get(`/${path}`)).toMatchObject({ status: 404, body: { code: 'TILE_NOT_FOUND' } });
        },
      );
    });
  });

  describe('GET /lineage/v1/log/inclusion', () => {
    describe('200', () => {
      it.each([0, 255, 256, EVENTS - 1])('proves event %i', async (position) => {
        const { body } = await get(`/lineage/v1/log/inclusion?position=${position}`);
        const { events } = (await get(`/lineage/v1/log/events?from=${position}&limit=1`)).body;
        const leaf = hashLeaf(events[0].body);
        expect(hashes([body.leaf_hash])[0]).toEqual(leaf);
        expect(verifyInclusion({ leaf, index: BigInt(position), size: checkpoint.size, root: checkpoint.root, proof: hashes(body.proof) })).toBe(true);
      });

      it('proves it in an earlier tree too', async () => {
        const { body } = await get('/lineage/v1/log/inclusion?position=3&size=100');
        const [leaf, root] = hashes([body.leaf_hash, body.root]);
        expect(verifyInclusion({ leaf: leaf!, index: 3n, size: 100n, root: root!, proof: hashes(body.proof) })).toBe(true);
      });
    });

    describe('400', () => {
      it.each(['', 'position=x', 'position=-1', 'position=1&size=x'])('refuses %j', async (query) => {
        expect((await get(`/lineage/v1/log/inclusion?${query}`)).status).toBe(400);
      });
    });

    describe('404', () => {
      it('proves nothing that is not signed', async () => {
        expect(await get(`/lineage/v1/log/inclusion?position=${EVENTS}`)).toMatchObject({ status: 404, body: { code: 'POSITION_NOT_COVERED' } });
        expect(await get(`/lineage/v1/log/inclusion?position=1&size=${EVENTS + 1}`)).toMatchObject({ status: 404, body: { code: 'SIZE_NOT_SIGNED' } });
      });
    });
  });

  describe('GET /lineage/v1/log/proof', () => {
    describe('200', () => {
      it.each([0, 255, 256, EVENTS - 1])('gives a receipt for event %i that verifies with no server', async (position) => {
        const { body: receipt, headers } = await get(`/lineage/v1/log/proof?position=${position}`);
        const { events } = (await get(`/lineage/v1/log/events?from=${position}&limit=1`)).body;
        expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
        const logs = [parseVerifier(verifierKey)];
        expect(verifyReceipt(receipt, { entry: events[0].body, logs })).toMatchObject({ index: BigInt(position), checkpoint: { origin: 'log.example/test' } });
        expect(() => verifyReceipt(receipt, { entry: `${events[0].body} `, logs })).toThrow(expect.objectContaining({ code: 'NOT_INCLUDED' }));
      });
    });

    describe('400', () => {
      it.each(['', 'position=x', 'position=-1'])('refuses %j', async (query) => {
        expect((await get(`/lineage/v1/log/proof?${query}`)).status).toBe(400);
      });
    });

    describe('404', () => {
      it('has no receipt for what is not covered', async () => {
        expect(await get(`/lineage/v1/log/proof?position=${EVENTS}`)).toMatchObject({ status: 404, body: { code: 'POSITION_NOT_COVERED' } });
      });
    });
  });

  describe('GET /lineage/v1/log/consistency', () => {
    describe('200', () => {
      it('proves that the log only grew', async () => {
        const { body } = await get('/lineage/v1/log/consistency?from=77');
        const [fromRoot] = hashes([body.from_root]);
        expect(verifyConsistency({ from: 77n, fromRoot: fromRoot!, to: checkpoint.size, toRoot: checkpoint.root, proof: hashes(body.proof) })).toBe(true);
      });
    });

    describe('400', () => {
      it.each(['', 'from=x', 'from=5&to=4'])('refuses %j', async (query) => {
        expect((await get(`/lineage/v1/log/consistency?${query}`)).status).toBe(400);
      });
    });

    describe('404', () => {
      it('proves nothing that is not signed', async () => {
        expect((await get(`/lineage/v1/log/consistency?from=1&to=${EVENTS + 1}`)).status).toBe(404);
      });
    });
  });

  describe('GET /lineage/v1/log/events', () => {
    describe('200', () => {
      it('pages through the exact texts', async () => {
        const first = await get('/lineage/v1/log/events?limit=200');
        expect(first.body.events).toHaveLength(200);
        const second = await get(`/lineage/v1/log/events?from=${first.body.next}&limit=200`);
        expect(second.body.events).toHaveLength(100);
        expect((await get(`/lineage/v1/log/events?from=${second.body.next}`)).body).toEqual({ events: [], next: String(EVENTS) });
        expect(JSON.parse(second.body.events[0].body)).toMatchObject({ data: { versionId: 'version-200' } });
      });
    });

    describe('400', () => {
      it.each(['from=x', 'limit=0', 'limit=1001'])('refuses %s', async (query) => {
        expect((await get(`/lineage/v1/log/events?${query}`)).status).toBe(400);
      });
    });
  });

  describe('GET /lineage/v1/log/size', () => {
    describe('200', () => {
      it('says how much is there, hashed and signed', async () => {
        const size = String(EVENTS);
        expect((await get('/lineage/v1/log/size')).body).toEqual({ size, position: String(EVENTS - 1), tree_size: size, signed_size: size, state: 'signing' });
      });
    });
  });
});
