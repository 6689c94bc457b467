import { lookup } from 'mime-types';

/** What MLflow shows as text, by the end of the name or by the whole of it: its web pages read it and do not download it. */
const TEXTS = new Set([
  'txt', 'log', 'err', 'cfg', 'conf', 'cnf', 'cf', 'ini', 'properties', 'prop', 'hocon', 'toml', 'yaml', 'yml', 'xml', 'json', 'js', 'py', 'py3', 'csv', 'tsv',
  'md', 'rst', 'jsonnet', 'mlmodel', 'mlproject',
]);
const TOKEN = /^[\w.+-]+$/;

/** Saved, never shown by a browser on its own account, and of no other type than the one guessed from its name. */
export function artifactHeaders(path: string): Record<string, string> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return {
    'content-type': contentTypeOf(name),
    'content-disposition': `attachment; ${TOKEN.test(name) ? `filename=${name}` : `filename*=UTF-8''${encoded(name)}`}`,
    'x-content-type-options': 'nosniff',
  };
}

export function contentTypeOf(name: string): string {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  // A name without an end is looked up as if it were one: a file called `f` is no Fortran.
  const guessed = name.includes('.') && lookup(name);
  return TEXTS.has(extension) ? 'text/plain' : guessed || 'application/octet-stream';
}

/** RFC 5987: these stay in a URI component, but divide a header. */
function encoded(name: string): string {
  return encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
