import { invalidParameter } from '@cairn/mlflow';
import type { DataSource, EntityManager } from 'typeorm';

/** A regular expression over long texts, or a sum over millions of spans, may take for ever. */
const STATEMENT_TIMEOUT_MS = 20_000;

/** Runs a question of a caller's own making. Throws INVALID_PARAMETER_VALUE for what PostgreSQL refuses of it, and when a statement takes more than 20 s. */
export async function withinTime<Answer>(dataSource: DataSource, ask: (manager: EntityManager) => Promise<Answer>): Promise<Answer> {
  try {
    return await dataSource.transaction(async (manager) => {
      await manager.query(`SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
      return ask(manager);
    });
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}

/**
 * What PostgreSQL says about the caller's own expression: SQLSTATE 2201B (no regular expression), 22025 (LIKE ends in a backslash), 57014 (took too long),
 * 22003 and 22P02 (a number that does not fit).
 */
function refusalOf(error: unknown): Error | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === '2201B') return invalidParameter('Invalid clause(s) in filter string: an RLIKE pattern is no regular expression.');
  if (code === '22025') return invalidParameter('Invalid clause(s) in filter string: a LIKE pattern ends with a backslash.');
  if (code === '22003' || code === '22P02') return invalidParameter('Invalid clause(s) in filter string: a number does not fit what it is compared with, which is a whole number.');
  if (code === '57014') return invalidParameter('Invalid clause(s) in filter string: the search took too long. Name fewer experiments, a time range, or a simpler pattern.');
  return undefined;
}
