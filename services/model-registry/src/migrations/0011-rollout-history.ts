import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What became of rollouts and incidents, and when data arrived: what figures and model debt are computed from. */
export class RolloutHistory1800000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE deployment_history (deployment_id text PRIMARY KEY, workspace text NOT NULL, name text NOT NULL)');
    await runner.query(`
      CREATE TABLE rollout_history (
        rollout_id text PRIMARY KEY, workspace text NOT NULL, deployment_id text NOT NULL, deployment_name text NOT NULL, version_id text NOT NULL,
        version int NOT NULL, started_at text NOT NULL, ended_at text NOT NULL, outcome text NOT NULL, reason text NOT NULL, position bigint NOT NULL)`);
    await runner.query('CREATE INDEX rollout_history_by_end ON rollout_history (workspace, ended_at)');
    await runner.query('CREATE INDEX rollout_history_by_deployment ON rollout_history (deployment_id, position DESC)');
    await runner.query('CREATE INDEX rollout_history_by_version ON rollout_history (version_id)');
    await runner.query(`
      CREATE TABLE incident_history (
        incident_id text PRIMARY KEY, workspace text NOT NULL, deployment_name text NOT NULL, sentence text NOT NULL, opened_at text NOT NULL,
        resolved_at text NOT NULL, reason text NOT NULL)`);
    await runner.query('CREATE INDEX incident_history_by_opening ON incident_history (workspace, opened_at)');
    await runner.query('CREATE TABLE data_arrival (version_id text PRIMARY KEY, registered_at text NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['data_arrival', 'incident_history', 'rollout_history', 'deployment_history']) await runner.query(`DROP TABLE ${table}`);
  }
}
