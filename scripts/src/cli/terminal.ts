/** What a command prints for people goes through here, so that `--json` prints nothing else on standard output. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** One object per line. Positions are strings, bytes base64. */
export function sayJson(value: unknown): void {
  say(JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item)));
}

/** What is not the answer itself: progress, warnings. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
