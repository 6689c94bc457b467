import type { MigrationInterface, QueryRunner } from 'typeorm';

/** So that the indexes of a busy server's points stay small, and a run with millions of them slows no other. */
const METRIC_PARTITIONS = 16;

/**
 * Logged models, what went into runs and came out of them, and points by run. A new migration has the rows made again from the log, so nothing is carried
 * over here.
 */
export class LoggedModels1800000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE logged_model (
        model_id text PRIMARY KEY, workspace text NOT NULL, experiment_id uuid NOT NULL, name text NOT NULL, model_type text NOT NULL, source_run_id text NOT NULL,
        status text NOT NULL, creation_time_ms bigint NOT NULL, last_update_time_ms bigint NOT NULL, deleted boolean NOT NULL, created_by text NOT NULL)`);
    await runner.query('CREATE INDEX logged_model_by_experiment ON logged_model (experiment_id, creation_time_ms DESC, model_id)');
    await runner.query('CREATE TABLE logged_model_param (model_id text NOT NULL, key text NOT NULL, value text NOT NULL, PRIMARY KEY (model_id, key))');
    await runner.query('CREATE TABLE logged_model_tag (model_id text NOT NULL, key text NOT NULL, value text NOT NULL, PRIMARY KEY (model_id, key))');
    await runner.query(`
      CREATE TABLE logged_model_metric (
        model_id text NOT NULL, key text NOT NULL, run_id text NOT NULL, dataset_name text NOT NULL, dataset_digest text NOT NULL,
        timestamp_ms bigint NOT NULL, step bigint NOT NULL, value double precision NOT NULL,
        PRIMARY KEY (model_id, key, run_id, dataset_name, dataset_digest))`);
    await runner.query(`
      CREATE TABLE run_model (run_id text NOT NULL, role text NOT NULL, model_id text NOT NULL, step bigint NOT NULL, PRIMARY KEY (run_id, role, model_id))`);
    await runner.query('CREATE TABLE deleted_experiment (experiment_id uuid PRIMARY KEY)');
    await runner.query('ALTER TABLE artifact RENAME COLUMN run_id TO owner_id');
    await runner.query('DROP TABLE metric');
    await createMetric(runner, METRIC_PARTITIONS);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['metric', 'deleted_experiment', 'run_model', 'logged_model_metric', 'logged_model_tag', 'logged_model_param', 'logged_model']) {
      await runner.query(`DROP TABLE ${table}`);
    }
    await runner.query('ALTER TABLE artifact RENAME COLUMN owner_id TO run_id');
    await runner.query(`
      CREATE TABLE metric (
        run_id text NOT NULL, key text NOT NULL, timestamp_ms bigint NOT NULL, step bigint NOT NULL, value double precision NOT NULL,
        PRIMARY KEY (run_id, key, timestamp_ms, step, value))`);
  }
}

/**
 * The order of the key is the order in which a history is read; the second one finds a step, and its first point, without reading the history. Names are compared byte by byte,
 * which costs half of what a language's rules cost.
 */
async function createMetric(runner: QueryRunner, partitions: number): Promise<void> {
  await runner.query(`
    CREATE TABLE metric (
      run_id text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, timestamp_ms bigint NOT NULL, step bigint NOT NULL, value double precision NOT NULL,
      PRIMARY KEY (run_id, key, timestamp_ms, step, value)) PARTITION BY HASH (run_id)`);
  for (let remainder = 0; remainder < partitions; remainder += 1) {
    await runner.query(`CREATE TABLE metric_${remainder} PARTITION OF metric FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${remainder})`);
  }
  await runner.query('CREATE INDEX metric_by_step ON metric (run_id, key, step, timestamp_ms, value)');
}
