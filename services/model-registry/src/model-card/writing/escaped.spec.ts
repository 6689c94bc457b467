import { describe, expect, it } from 'vitest';
import { escaped, quoted } from './escaped.js';

describe('somebody’s text in Markdown', () => {
  it.each([
    ['plain, with 1.5 - and (brackets).', 'plain, with 1.5 - and (brackets).'],
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['[click](javascript:x)', '\\[click\\](javascript:x)'],
    ['![](http://e.org/x.png)', '\\!\\[\\](http\\://e.org/x.png)'],
    ['see https://e.org or mailto:a, sha256:12', 'see https\\://e.org or mailto\\:a, sha256:12'],
    ['www.example.org', 'www\\.example.org'],
    ['a | b\n# title', 'a \\| b \\# title'],
    ['`code` *bold* &amp; @all', '\\`code\\` \\*bold\\* &amp;amp; \\@all'],
    ['tur\u202Ened \0around', 'turned around'],
  ])('%j starts nothing', (text, shown) => {
    expect(escaped(text)).toBe(shown);
  });

  it('is cut', () => {
    expect(escaped('x'.repeat(2_000))).toHaveLength(1_001);
  });

  it('is quoted line by line, and no line is a list or a heading', () => {
    expect(quoted('# a\n- b\n1. c\n\n   > d')).toEqual(['> \\# a', '> \\- b', '> 1\\. c', '>', '> &gt; d']);
    expect(quoted(' \n ')).toEqual([]);
  });
});
