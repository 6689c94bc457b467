import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Figures of traces and spans, read once when they come: what a client wrote need not be JSON, and no query has to parse it. Spans that
 * came before have none.
 */
export class TraceFigures1800000000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE trace ADD COLUMN token_usage jsonb NOT NULL DEFAULT '{}'`);
    await runner.query('ALTER TABLE span ADD COLUMN token_usage jsonb, ADD COLUMN cost jsonb, ADD COLUMN model_name text, ADD COLUMN model_provider text');
    // Few spans cost anything, and what they cost is asked for by their own time.
    await runner.query('CREATE INDEX span_with_cost ON span (workspace, start_time_ns) WHERE cost IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE span DROP COLUMN token_usage, DROP COLUMN cost, DROP COLUMN model_name, DROP COLUMN model_provider');
    await runner.query('ALTER TABLE trace DROP COLUMN token_usage');
  }
}
