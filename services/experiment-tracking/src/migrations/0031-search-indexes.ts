import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The best runs of an experiment by a metric are read in their order, however many others there are, and a rare value of a parameter finds its runs. A value may be
 * longer than an index takes; its beginning finds nearly as few. A new migration has the rows made again from the log, so nothing is carried over here.
 */
export class SearchIndexes1800000000031 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE latest_metric');
    await runner.query(`
      CREATE TABLE latest_metric (
        run_id text NOT NULL, key text NOT NULL, experiment_id uuid NOT NULL, timestamp_ms bigint NOT NULL, step bigint NOT NULL, value double precision NOT NULL,
        PRIMARY KEY (run_id, key))`);
    await runner.query('CREATE INDEX latest_metric_by_value ON latest_metric (experiment_id, key, value, run_id)');
    await runner.query('CREATE INDEX param_by_value ON param (key, left(value, 100), run_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX param_by_value');
    await runner.query('DROP TABLE latest_metric');
    await runner.query(`
      CREATE TABLE latest_metric (
        run_id text NOT NULL, key text NOT NULL, timestamp_ms bigint NOT NULL, step bigint NOT NULL, value double precision NOT NULL,
        PRIMARY KEY (run_id, key))`);
  }
}
