import type { MigrationInterface, QueryRunner } from 'typeorm';

export class JobsAndTriggers1800000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE job (
        job_id uuid PRIMARY KEY, workspace text NOT NULL, name text NOT NULL, queue text NOT NULL, program text NOT NULL, spec text NOT NULL,
        status text NOT NULL, priority int NOT NULL, submitted_position bigint NOT NULL, submitted_at text NOT NULL, submitted_by text NOT NULL, attempts int NOT NULL,
        host text NOT NULL DEFAULT '', trigger_id text NOT NULL, triggered_by text NOT NULL, outputs text NOT NULL DEFAULT '{}',
        reason text NOT NULL DEFAULT '', ended_at text)`);
    await runner.query('CREATE INDEX job_by_status ON job (status, priority, submitted_position)');
    await runner.query(`
      CREATE TABLE trigger (
        trigger_id uuid PRIMARY KEY, workspace text NOT NULL, name text NOT NULL, monitor_name text NOT NULL, spec text NOT NULL,
        fired int NOT NULL DEFAULT 0)`);
    await runner.query('CREATE INDEX trigger_by_monitor ON trigger (workspace, monitor_name)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE trigger');
    await runner.query('DROP TABLE job');
  }
}
