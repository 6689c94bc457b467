/** Everything that is wrong with a configuration, at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables and collects what is wrong with them; an empty variable counts as absent. */
export class EnvReader {
  private readonly problems: string[] = [];

  constructor(private readonly env: Environment) {}

  optional(name: string): string | undefined {
    const value = this.env[name]?.trim();
    return value === '' ? undefined : value;
  }

  string(name: string, fallback?: string): string {
    const value = this.optional(name) ?? fallback;
    if (value !== undefined) return value;
    this.problem(`${name} is missing.`);
    return '';
  }

  integer(name: string, { fallback, min, max }: { readonly fallback: number; readonly min: number; readonly max: number }): number {
    const text = this.optional(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    this.problem(`${name} must be a whole number from ${min} to ${max}, but is "${text}".`);
    return fallback;
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): Choice {
    const text = this.optional(name);
    if (text === undefined) return fallback;
    const choice = choices.find((candidate) => candidate === text);
    if (choice !== undefined) return choice;
    this.problem(`${name} must be one of ${choices.join(', ')}, but is "${text}".`);
    return fallback;
  }

  /** The value is not repeated in the problem: it may hold a password. */
  url(name: string, protocols: readonly string[], fallback?: string): string {
    const text = this.optional(name) ?? fallback;
    if (text === undefined) {
      this.problem(`${name} is missing; it is a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}.`);
      return '';
    }
    if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text;
    this.problem(`${name} must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}.`);
    return text;
  }

  problem(text: string): void {
    this.problems.push(text);
  }

  /** Throws ConfigError when anything was wrong. */
  done(): void {
    if (this.problems.length > 0) throw new ConfigError(this.problems);
  }
}
