import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { OpenSegment, packSegment } from './segment.js';

const bodies = ['{"a":1}', '{"text":"žluť 🚆"}', '{}'];

describe('a segment of the archive', () => {
  it('is a line for each text, in gzip: any tool reads it', async () => {
    const { text, packed } = await packSegment(bodies);
    expect(gunzipSync(packed).toString('utf8')).toBe(bodies.map((body) => `${body}\n`).join(''));
    expect(gunzipSync(packed)).toEqual(text);
  });

  it('gives each text back, byte for byte', async () => {
    const { text, packed } = await packSegment(bodies);
    const segment = await OpenSegment.open(packed, { events: 3, textBytes: text.length });
    expect([0, 1, 2].map((index) => segment.body(index))).toEqual(bodies);
    expect([segment.body(3), segment.body(-1)]).toEqual([undefined, undefined]);
    expect(segment.hasText(text)).toBe(true);
    expect(segment.hasText(Buffer.from('other'))).toBe(false);
    expect(segment.sizeBytes).toBeGreaterThanOrEqual(text.length);
  });

  it.each([
    ['fewer lines', '{}\n{}\n', 3],
    ['more lines', '{}\n{}\n{}\n{}\n', 3],
    ['a line that is cut off', '{}\n{}\n{}\n{', 3],
    ['a last line without its end', '{}\n{}\n{}', 3],
    ['nothing', '', 1],
  ])('is refused with %s', async (_, text, events) => {
    await expect(OpenSegment.open(gzipSync(text), { events, textBytes: text.length })).rejects.toThrow(RangeError);
  });

  it('is refused when it is larger than it may be, and when it is no gzip', async () => {
    await expect(OpenSegment.open(gzipSync(Buffer.alloc(1_000_000, '\n')), { events: 10, textBytes: 10 })).rejects.toMatchObject({ code: 'ERR_BUFFER_TOO_LARGE' });
    await expect(OpenSegment.open(Buffer.from('{}\n'), { events: 1, textBytes: 3 })).rejects.toMatchObject({ code: 'Z_DATA_ERROR' });
  });
});
