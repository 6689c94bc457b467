import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { ServiceName } from '@cairn/service';
import colours from 'picocolors';

import { partTitles } from './parts.js';
import type { Stack } from './stack.js';

export interface TableOptions {
  readonly dataDir: string;
  readonly services: readonly ServiceName[];
  readonly tokensFile?: string;
}

/** One table of what runs where. Passwords are not shown; it says where they are. */
export function stackTable({ urls, external, logFile }: Stack, { dataDir, services, tokensFile }: TableOptions): string {
  const elsewhere = (part: keyof typeof external, note: string) => (external[part] === undefined ? note : 'runs elsewhere');
  const rows: [string, string, string][] = [
    ...services.flatMap((name): [string, string, string][] => [
      [name, urls[name], partTitles[name]],
      ...(name === 'serving' ? ([['serving-grpc', urls.servingGrpc, partTitles['serving-grpc']]] satisfies [string, string, string][]) : []),
    ]),
    ...urls.replicas.map((url, index): [string, string, string] => [`replica-${index + 1}`, url, 'inference (OIP V2), a process of its own']),
    ['postgres', withoutPassword(urls.database), elsewhere('database', `${partTitles.postgres}; password in ${short(dataDir)}/postgres/password`)],
    ['nats', withoutPassword(urls.nats), elsewhere('nats', partTitles.nats)],
    ['objects', urls.objects.startsWith('file:') ? short(fileURLToPath(urls.objects)) : withoutPassword(urls.objects), elsewhere('objects', 'large content, by digest')],
    ['log', short(logFile), 'JSON lines of all services'],
    ...(tokensFile === undefined ? [] : ([['tokens', short(tokensFile), 'who may do something; send one as Authorization: Bearer']] satisfies [string, string, string][])),
  ];
  const [name, where] = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(([part, url, note]) => `  ${colours.bold(part.padEnd(name ?? 0))}  ${colours.cyan(url.padEnd(where ?? 0))}  ${colours.dim(note)}`);
  return `\n${lines.join('\n')}\n`;
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  shown.password = '';
  return shown.href;
}

function short(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') ? path : fromHere;
}
