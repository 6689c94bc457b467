import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who submitted the job behind a run counts among the authors of what it made. */
export class JobEvidence1800000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE job_evidence (job_id text PRIMARY KEY, submitted_by text NOT NULL, run_id text NOT NULL)');
    await runner.query('CREATE INDEX job_evidence_by_run ON job_evidence (run_id)');
    await runner.query('ALTER TABLE run_evidence DROP COLUMN job_id');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE run_evidence ADD COLUMN job_id text NOT NULL DEFAULT ''`);
    await runner.query('DROP TABLE job_evidence');
  }
}
