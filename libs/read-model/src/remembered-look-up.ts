import { LRUCache } from 'lru-cache';
import type { ProjectionRunner } from './projection-runner.js';

export interface RememberedLookUpOptions<Row> {
  /** Asks the table. */
  readonly find: (key: string) => Promise<Row | undefined>;
  readonly runner: Pick<ProjectionRunner, 'onApplied'>;
  /** Types of all events that change a row, or remove it. */
  readonly changedBy: readonly string[];
  /** Rows that are remembered at most. */
  readonly max: number;
}

/**
 * Rows that every request asks for and that hardly ever change. All are forgotten when events that may change one have been applied to the table, by whichever process: a row is
 * never older than what this process has followed of the log, which is what asking the table promises too.
 */
export class RememberedLookUp<Row extends object> {
  private readonly rows: LRUCache<string, Row>;
  private forgotten = 0;

  constructor(private readonly options: RememberedLookUpOptions<Row>) {
    this.rows = new LRUCache({ max: options.max });
    options.runner.onApplied(options.changedBy, () => {
      this.forgotten += 1;
      this.rows.clear();
    });
  }

  /** Undefined when there is no such row, which is not remembered. */
  async find(key: string): Promise<Row | undefined> {
    const known = this.rows.get(key);
    if (known !== undefined) return known;
    const { forgotten } = this;
    const row = await this.options.find(key);
    // A row that was read while others were forgotten may be one of those.
    if (row !== undefined && forgotten === this.forgotten) this.rows.set(key, row);
    return row;
  }
}
