import { request } from 'node:http';

/** Stands for a number that `JSON.stringify` cannot write: `hostileJson` puts it in as it is. */
const RAW = '@@raw:';
const deep = (levels: number, open: string, close: string): string => `${RAW}${open.repeat(levels)}1${close.repeat(levels)}`;

/** What a field may be sent as instead of what it should be. */
export const VALUES: readonly unknown[] = [
  null, true, 0, -1, 1.5, 1e308, `${RAW}1e999`, `${RAW}-1e999`, 4_294_967_296, 2 ** 60, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, `${RAW}9223372036854775808`,
  '9223372036854775807', '-9223372036854775809', 'NaN', '-Infinity', '', ' ', '\u0000', '\ud800', '../../etc/passwd', '%2e%2e%2f', 'file:///etc/passwd',
  "'; DROP TABLE run; --", 'x'.repeat(20_000), [], {}, [[]], [null], [{}], [{ key: null }], [{ key: {}, value: [] }], { toString: 1 }, `${RAW}{"__proto__":{"x":1}}`,
  { constructor: 'x' }, ['a', 7], ['\u0000', '\ud800'], deep(50_000, '[', ']'), deep(90, '{"a":', '}'),
];

/** What a filter, an order, an id or any other parameter may be sent as. */
export const TEXTS: readonly string[] = [
  '', "'", '`', '"', "name = '", "name LIKE '%' AND", 'name = name', "name = 'a' OR 1=1", "tags.`a`='b' AND tags.\"x'\" != ''", '(((((',
  '('.repeat(19_000), 'x'.repeat(14_000),
  "name = '\u0000'", "tags.`\u0000` = 'a'", "name = '\ud800'", "name = '\\'", "name LIKE '\\'", "params.a LIKE '%\\'", "tags.a RLIKE '('", "tags.a RLIKE '(a+)+$'",
  'metrics.a RLIKE 1',
  'metrics.a > 1e999', 'metrics.a = -1e999', 'metrics.a > 1e-400', 'start_time > 99999999999999999999', 'start_time > 1e999', 'start_time = 1.5', 'created < -1e300',
  'creation_time > 9223372036854775808', 'creation_timestamp >= 9223372036854775807', 'timestamp_ms > 1e30', 'execution_time_ms < 1e999',
  'version_number > 99999999999999999999',
  "run_id IN ('a')", 'run_id IN ()', "run_id NOT IN ('\u0000')", `run_id IN (${Array.from({ length: 1_500 }, () => "'a'").join(',')})`, "attributes.run_id ~ 'a'",
  'a == 1', 'a <=> 1', 'a BETWEEN 1 AND 2',
  Array.from({ length: 60 }, () => "name = 'a'").join(' AND '), '; DROP TABLE run', "span.attributes. = 'x'", "span.attributes.a.b = 'x'", "feedback.q > 1e999",
  "feedback.`\u0000` = 'x'",
  "prompt = 'a/b/c'", "trace.text LIKE '%\\'", "dataset.name = 'x'", "datasets.nothing = 'x'", 'metrics.constructor > 1', "constructor = 'x'", '__proto__ = 1',
  'metrics.a DESC', 'start_time DESC, start_time DESC',
  'metrics.`a ASC', 'eyJvZmZzZXQiOiAtMX0', '-1', '0', '1e9', 'NaN', '2147483648', '99999999999999999999', '\ud800', '\u0000', '../../etc/passwd', 'true', 'RESTRICT', '%',
];

const PLACES: readonly unknown[] = [
  [99_999_999_999], [-1], ['0x10'], ['9'.repeat(19), '1', '1'], ['1', '-9999999999999999999', '1'], ['1', '1', '1e999'], ['1', '1', '0x10'], ['1', '1', ' 1 '],
  ['1', '1', 'Infinity'], ['1', '1', '1e-400'], ['a', 'b', 'c'], ['\u0000', '\u0000', '\u0000'], ['\u0000'], [[]], [], [null], [{}], 7, null, 'x', { offset: 1 },
  ['../../etc/passwd'], ['\ud800'],
];

/** Page tokens in the form that lists give out, with places that none has. */
export const TOKENS: readonly string[] = [...PLACES.map((place) => JSON.stringify(place)), '[1e999]', '['.repeat(9_000)].map((text) => Buffer.from(text).toString('base64url'));

/** Paths that climb, or are none, in every way that something may decode. */
export const CLIMBS: readonly string[] = [
  '..', '../x', 'a/../../x', '..%2fx', '%2e%2e/x', '%2e%2e%2fx', '%2E%2E%2Fx', '.%2e/x', '%252e%252e%252fx', '%25252e%25252e%25252fx', '..%5cx', '..\\x', '%5c%5chost%5cx',
  '%2fetc%2fpasswd', '/etc/passwd', '//etc/passwd', 'file:%2f%2f%2fetc%2fpasswd', 'a//b', 'a/./b', '.', '%00', 'a%00.txt', 'a%0ab',
  'a%0d%0aset-cookie:x', 'x'.repeat(9_000),
];

/** Paths that decode to nothing: where a query carries them they are names like others. */
export const UNDECODABLE: readonly string[] = ['%c0%ae%c0%ae/x', '%uff0e%uff0e/x', '%ff', '%'];

/** The JSON of a body, raw parts included. */
export function hostileJson(body: unknown): string {
  return JSON.stringify(body).replaceAll(/"@@raw:((?:[^"\\]|\\.)*)"/g, (_, raw: string) => JSON.parse(`"${raw}"`) as string);
}

/** The body once for each place in it, at any depth, and each hostile value there; and with a field that nobody knows. */
export function* mutations(body: object): Generator<{ readonly where: string; readonly body: unknown }> {
  for (const place of [...placesIn(body), ['unknown_field']]) {
    for (const value of VALUES) {
      const changed: unknown = structuredClone(body);
      put(changed, place, value);
      yield { where: `${place.join('.')} = ${String(JSON.stringify(value)).slice(0, 40)}`, body: changed };
    }
  }
}

function* placesIn(value: unknown): Generator<string[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield [key];
    for (const place of placesIn(inner)) yield [key, ...place];
  }
}

function put(target: unknown, [first = '', ...rest]: readonly string[], value: unknown): void {
  const nest = target as Record<string, unknown>;
  if (rest.length === 0) nest[first] = value;
  else put(nest[first], rest, value);
}

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

const OF_MLFLOW = /^\/(?:(?:ajax-)?api\/|get-artifact|graphql)/;

/**
 * What keeps a client from reading a refusal: MLflow's want `error_code` and `message`, ours `code` and `detail`. Empty when all is well. Of a request with too long
 * a first line (431) nobody knows the path.
 */
export function unreadable(path: string, { status, text }: RawAnswer): string {
  if (status < 400 || status === 431) return '';
  const fields = OF_MLFLOW.test(path) ? ['error_code', 'message'] : ['code', 'detail'];
  const said = jsonObject(text);
  return fields.every((field) => typeof said[field] === 'string' && said[field] !== '') ? '' : `unreadable: ${text.slice(0, 100)}`;
}

function jsonObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** A request whose path no client tidies up. */
export function sendRaw(url: string, method: string, path: string, body = '', type = 'application/json'): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const headers = method === 'GET' ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) };
    const sending = request({ hostname, port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      response.once('error', reject);
    });
    sending.once('error', reject);
    sending.end(method === 'GET' ? undefined : body);
  });
}

/** Announces 100 MB, sends the beginning, and answers what the server says to that alone. */
export function announceLarge(url: string, method: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const all = { 'content-type': 'application/json', 'content-length': 100_000_000, ...headers };
    const sending = request({ hostname, port, method, path, headers: all }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
      sending.destroy();
    });
    sending.once('error', reject);
    sending.write('{"name":"');
  });
}

/** Sends up to 100 MB of unannounced length until the server answers or hangs up (status 0); says how much was let in by then. */
export function streamLarge(
  url: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly sentBytes: number }> {
  const { hostname, port } = new URL(url);
  const chunk = Buffer.alloc(64 * 1024, 'x');
  return new Promise((resolve) => {
    let sentBytes = 0;
    let isOver = false;
    const end = (status: number): void => {
      isOver = true;
      resolve({ status, sentBytes });
      sending.destroy();
    };
    const sending = request({ hostname, port, method, path, headers }, (response) => end(response.resume().statusCode ?? 0));
    sending.on('error', () => end(0));
    const pump = (): void => {
      if (isOver) return;
      if (sentBytes >= 100_000_000) return void sending.end();
      sentBytes += chunk.length;
      // One chunk at a time leaves room for the answer to be heard.
      sending.write(chunk, () => setImmediate(pump));
    };
    pump();
  });
}
