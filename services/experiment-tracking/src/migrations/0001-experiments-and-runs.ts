import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ExperimentsAndRuns1800000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE experiment (
        experiment_id uuid PRIMARY KEY, workspace text NOT NULL, name text NOT NULL, tags jsonb NOT NULL,
        creation_time_ms bigint NOT NULL, last_update_time_ms bigint NOT NULL, UNIQUE (workspace, name))`);
    await runner.query(`
      CREATE TABLE criteria (
        experiment_id uuid NOT NULL, version int NOT NULL, criteria text NOT NULL, after_first_run boolean NOT NULL,
        declared_at text NOT NULL, declared_by text NOT NULL, PRIMARY KEY (experiment_id, version))`);
    await runner.query(`
      CREATE TABLE run (
        run_id text PRIMARY KEY, workspace text NOT NULL, experiment_id uuid NOT NULL, name text NOT NULL, user_name text NOT NULL, status text NOT NULL,
        start_time_ms bigint NOT NULL, end_time_ms bigint, criteria_version int NOT NULL, verdict text, results text, judged_at text, started_by text NOT NULL)`);
    await runner.query('CREATE INDEX run_by_experiment ON run (experiment_id, start_time_ms DESC, run_id)');
    await runner.query(`
      CREATE TABLE param (
        run_id text NOT NULL, key text NOT NULL, value text NOT NULL, origin text NOT NULL, library text NOT NULL, library_version text NOT NULL,
        PRIMARY KEY (run_id, key))`);
    await runner.query('CREATE TABLE tag (run_id text NOT NULL, key text NOT NULL, value text NOT NULL, PRIMARY KEY (run_id, key))');
    await runner.query(`
      CREATE TABLE run_input (
        run_id text NOT NULL, name text NOT NULL, digest text NOT NULL, source_type text NOT NULL, source text NOT NULL, context text NOT NULL,
        schema text NOT NULL, profile text NOT NULL, tags jsonb NOT NULL, PRIMARY KEY (run_id, name, digest))`);
    // The order of the key is the order in which a history is read.
    await runner.query(`
      CREATE TABLE metric (
        run_id text NOT NULL, key text NOT NULL, timestamp_ms bigint NOT NULL, step bigint NOT NULL, value double precision NOT NULL,
        PRIMARY KEY (run_id, key, timestamp_ms, step, value))`);
    await runner.query(`
      CREATE TABLE latest_metric (
        run_id text NOT NULL, key text NOT NULL, timestamp_ms bigint NOT NULL, step bigint NOT NULL, value double precision NOT NULL,
        PRIMARY KEY (run_id, key))`);
    await runner.query(`
      CREATE TABLE artifact (
        run_id text NOT NULL, path text NOT NULL, digest text NOT NULL, size_bytes bigint NOT NULL, logged_at text NOT NULL, PRIMARY KEY (run_id, path))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['artifact', 'latest_metric', 'metric', 'run_input', 'tag', 'param', 'run', 'criteria', 'experiment']) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}
