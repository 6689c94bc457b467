import { DomainError } from '@cairn/kernel';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE, TABULAR } from '@cairn/service';
import { TabularError, type Tabular, type UserExpression } from '@cairn/tabular';
import { Inject, Injectable } from '@nestjs/common';
import { KnownVersionQuery } from './views/known-version/known-version.query.js';

/** Checks SQL expressions of a caller against the columns of a dataset, before anything is recorded. */
@Injectable()
export class ExpressionCheck {
  constructor(
    @Inject(TABULAR) private readonly tabular: Tabular,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(KnownVersionQuery) private readonly versions: KnownVersionQuery,
  ) {}

  /** Throws DomainError DATASET_NOT_FOUND, UNKNOWN_COLUMN or INVALID_EXPRESSION. */
  async check(workspace: string, datasetName: string, expressions: readonly UserExpression[], columns: readonly string[]): Promise<void> {
    await this.versions.caughtUp();
    const version = await this.versions.newestOf(workspace, datasetName);
    if (version === null)
      throw new DomainError('DATASET_NOT_FOUND', `Dataset ${datasetName} has no version yet; register one in the catalog first.`, 'missing');
    const path = await this.objects.localPath(version.digest as Digest);
    const known = new Set((await this.tabular.describe(path)).columns.map(({ name }) => name));
    const missing = columns.find((column) => !known.has(column));
    if (missing !== undefined) throw new DomainError('UNKNOWN_COLUMN', `Dataset ${datasetName} has no column ${missing}.`, 'invalid');
    await explained(this.tabular.resolveExpressions(path, expressions));
  }
}

const CALLERS_FAULT: ReadonlySet<string> = new Set(['INVALID_EXPRESSION', 'UNKNOWN_COLUMN', 'QUERY_FAILED']);

/** What the caller can mend is a DomainError. */
export async function explained<Value>(answer: Promise<Value>): Promise<Value> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof TabularError && CALLERS_FAULT.has(error.code)) throw new DomainError(error.code, error.message, 'invalid', { cause: error });
    if (error instanceof TabularError && error.code === 'BUSY')
      throw new DomainError('BUSY', 'Too many questions over data wait already. Try again in a moment.', 'busy', { cause: error });
    throw error;
  }
}
