import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ModelsVersionsEvidence1800000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE model (
        model_id uuid PRIMARY KEY, workspace text NOT NULL, name text NOT NULL, description text NOT NULL, tags jsonb NOT NULL,
        creation_time_ms bigint NOT NULL, last_update_time_ms bigint NOT NULL, UNIQUE (workspace, name))`);
    await runner.query('CREATE TABLE gate_policy (model_id uuid NOT NULL, alias text NOT NULL, gates jsonb NOT NULL, PRIMARY KEY (model_id, alias))');
    await runner.query(`
      CREATE TABLE alias (
        model_id uuid NOT NULL, alias text NOT NULL, version_id uuid NOT NULL, version int NOT NULL, moved_at text NOT NULL, PRIMARY KEY (model_id, alias))`);
    await runner.query(`
      CREATE TABLE version (
        version_id uuid PRIMARY KEY, workspace text NOT NULL, model_id uuid NOT NULL, model_name text NOT NULL, version int NOT NULL, run_id text NOT NULL,
        source text NOT NULL, digest text NOT NULL, size_bytes bigint NOT NULL, signature text NOT NULL, training_set_id text NOT NULL,
        golden_digest text NOT NULL, description text NOT NULL, tags jsonb NOT NULL, author text NOT NULL, creation_time_ms bigint NOT NULL,
        UNIQUE (model_id, version))`);
    await runner.query('CREATE INDEX version_by_run ON version (run_id)');
    await runner.query(`
      CREATE TABLE approval (
        version_id uuid NOT NULL, alias text NOT NULL, approver text NOT NULL, comment text NOT NULL, approved_at text NOT NULL,
        PRIMARY KEY (version_id, alias, approver))`);
    await runner.query(`
      CREATE TABLE evaluation (
        position bigint PRIMARY KEY, version_id uuid NOT NULL, alias text NOT NULL, verdict text NOT NULL, gates jsonb NOT NULL,
        outcome text NOT NULL, evaluated_at text NOT NULL, evaluated_by text NOT NULL)`);
    await runner.query('CREATE INDEX evaluation_by_version ON evaluation (version_id, alias, position DESC)');
    await runner.query(`
      CREATE TABLE run_evidence (
        run_id text PRIMARY KEY, outcome text NOT NULL, criteria_version int NOT NULL, verdict text NOT NULL, results text NOT NULL, job_id text NOT NULL)`);
    await runner.query(`
      CREATE TABLE training_set_evidence (
        training_set_id text PRIMARY KEY, name text NOT NULL, dataset_version_id text NOT NULL, built boolean NOT NULL, row_count bigint NOT NULL,
        leakage text NOT NULL, rows_checked bigint NOT NULL, findings jsonb NOT NULL)`);
    await runner.query(`
      CREATE TABLE dataset_version_evidence (
        version_id text PRIMARY KEY, dataset_name text NOT NULL, version int NOT NULL, certified text NOT NULL, contract_version text NOT NULL,
        quarantined text NOT NULL)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = ['dataset_version_evidence', 'training_set_evidence', 'run_evidence', 'evaluation', 'approval', 'version', 'alias', 'gate_policy', 'model'];
    for (const table of tables) await runner.query(`DROP TABLE ${table}`);
  }
}
