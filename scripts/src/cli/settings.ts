import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';

/** Options that every command has. */
export interface Settings {
  readonly json: boolean;
  /** Of the gateway, without a slash at the end. */
  readonly url: string;
  readonly token?: string;
}

const DEFAULT_URL = 'http://127.0.0.1:5000';
const POSITION = /^(0|[1-9]\d{0,17})$/;

export function addSettings(program: Command): Command {
  return program
    .option('--json', 'print JSON: one object per line')
    .option('--url <url>', 'the gateway; by default CAIRN_URL', process.env['CAIRN_URL'] ?? DEFAULT_URL)
    .option('--token <token>', 'token of a principal; by default CAIRN_TOKEN');
}

export function settingsOf(command: Command): Settings {
  const { json = false, url, token = process.env['CAIRN_TOKEN'] } = command.optsWithGlobals<{ json?: boolean; url: string; token?: string }>();
  return { json, url: url.replace(/\/+$/, ''), ...(token !== undefined && token !== '' && { token }) };
}

/** For commander: a position or a size. */
export function position(text: string): bigint {
  if (!POSITION.test(text)) throw new InvalidArgumentError('It is a number from 0 on.');
  return BigInt(text);
}

/** For commander: how many. */
export function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is a number from 1 on.');
  return Number(text);
}

/** For commander: a port; 0 takes a free one. */
export function port(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return value;
}

/** For commander: an option that may be given several times. */
export function several(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
