const STATEMENTS_AT_ONCE = 2;
const KEYS_PER_STATEMENT = 256;

interface Asked<Row> {
  readonly key: string;
  readonly resolve: (row: Row | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Looks rows up by key. Those that are asked for while others are under way share a statement: many requests at once cost few round trips, and one alone waits for
 * nobody. A statement begins after everybody whom it answers has asked, so whoever has seen a write sees its rows.
 */
export class BatchedLookUp<Row> {
  private waiting: Asked<Row>[] = [];
  private underWay = 0;

  /** `read` answers what it finds, by key; it is asked for no key twice at once. */
  constructor(private readonly read: (keys: readonly string[]) => Promise<ReadonlyMap<string, Row>>) {}

  /** Undefined when there is no such row. */
  find(key: string): Promise<Row | undefined> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ key, resolve, reject });
      if (this.underWay < STATEMENTS_AT_ONCE) void this.drain();
    });
  }

  /** Never rejects: a failure is told to those who asked. */
  private async drain(): Promise<void> {
    this.underWay += 1;
    while (this.waiting.length > 0) {
      const asked = this.waiting.splice(0, KEYS_PER_STATEMENT);
      try {
        const rows = await this.read([...new Set(asked.map(({ key }) => key))]);
        for (const { key, resolve } of asked) resolve(rows.get(key));
      } catch (error) {
        for (const { reject } of asked) reject(error);
      }
    }
    this.underWay -= 1;
  }
}
