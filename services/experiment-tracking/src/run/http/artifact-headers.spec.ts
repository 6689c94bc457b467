import { describe, expect, it } from 'vitest';
import { artifactHeaders, contentTypeOf } from './artifact-headers.js';

describe('contentTypeOf', () => {
  it.each([
    ['MLmodel', 'text/plain'], ['conda.yaml', 'text/plain'], ['x.JSON', 'text/plain'], ['plot.png', 'image/png'], ['report.html', 'text/html'],
    ['model.pkl', 'application/octet-stream'], ['no-end', 'application/octet-stream'], ['f', 'application/octet-stream'], ['model.onnx', 'application/octet-stream'],
  ])('guesses %s', (name, type) => expect(contentTypeOf(name)).toBe(type));
});

describe('artifactHeaders', () => {
  const dispositionOf = (path: string) => artifactHeaders(path)['content-disposition'];

  it('names the file alone, plainly where that can be', () => {
    expect(dispositionOf('d/x.txt')).toBe('attachment; filename=x.txt');
    expect(dispositionOf('größe (1).json')).toBe("attachment; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%281%29.json");
    expect(dispositionOf("a\"b'c")).toBe("attachment; filename*=UTF-8''a%22b%27c");
  });

  it('lets no browser guess another type', () => {
    expect(artifactHeaders('x')).toMatchObject({ 'x-content-type-options': 'nosniff', 'content-type': 'application/octet-stream' });
  });
});
