import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MonitorsWindowsIncidents1800000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE monitor (
        monitor_id uuid PRIMARY KEY, workspace text NOT NULL, name text NOT NULL, deployment_name text NOT NULL,
        reference_training_set_id text NOT NULL, reference_digest text NOT NULL, reference_position bigint NOT NULL,
        features text NOT NULL, thresholds text NOT NULL, window_days int NOT NULL)`);
    await runner.query('CREATE INDEX monitor_by_deployment ON monitor (workspace, deployment_name)');
    await runner.query(`
      CREATE TABLE window_evaluation (
        monitor_id uuid NOT NULL, window_start text NOT NULL, window_end text NOT NULL, position bigint NOT NULL, verdict text NOT NULL,
        predictions bigint NOT NULL, labelled bigint NOT NULL, evaluation text NOT NULL, PRIMARY KEY (monitor_id, window_start))`);
    await runner.query(`
      CREATE TABLE inference_file (
        file_id uuid PRIMARY KEY, workspace text NOT NULL, deployment_name text NOT NULL, kind text NOT NULL, digest text NOT NULL,
        position bigint NOT NULL, row_count bigint NOT NULL, first_time text NOT NULL, last_time text NOT NULL)`);
    await runner.query('CREATE INDEX inference_file_by_deployment ON inference_file (workspace, deployment_name, kind, position)');
    await runner.query(`
      CREATE TABLE incident (
        incident_id uuid PRIMARY KEY, workspace text NOT NULL, monitor_name text NOT NULL, deployment_name text NOT NULL, status text NOT NULL,
        sentence text NOT NULL, window_start text NOT NULL, window_end text NOT NULL, windows int NOT NULL, opened_position bigint NOT NULL)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['incident', 'inference_file', 'window_evaluation', 'monitor']) await runner.query(`DROP TABLE ${table}`);
  }
}
