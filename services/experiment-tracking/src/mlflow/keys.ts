import { invalidParameter } from '@cairn/mlflow';
import { posix } from 'node:path';

const MAX_KEY_LENGTH = 250;
const KEY = /^[/\p{L}\p{N}_.\- :]+$/u;

/** Names of metrics, parameters and tags may become paths in an artifact listing, so they must not climb. */
export function validKey(key: string, name: string): string {
  const refused = (why: string): Error => invalidParameter(`Invalid value "${key}" for parameter '${name}' supplied: ${why}`);
  if (key.length > MAX_KEY_LENGTH) throw invalidParameter(`'${name}' exceeds the maximum length of ${MAX_KEY_LENGTH} characters.`);
  if (!KEY.test(key)) {
    throw refused('Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).');
  }
  if (posix.normalize(key) !== key || key.startsWith('/') || key.endsWith('/') || key === '.' || key.startsWith('..')) {
    throw refused('Names may be treated as files in certain cases, and must not resolve to other names when treated as such.');
  }
  return key;
}
