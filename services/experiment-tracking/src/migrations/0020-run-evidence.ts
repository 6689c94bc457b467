import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What runs are compared with. A new migration has the rows made again from the log, so the verdicts of earlier runs become tags as well. */
export class RunEvidence1800000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE version_run (
        model_id text NOT NULL, version int NOT NULL, workspace text NOT NULL, run_id text NOT NULL, model_name text NOT NULL, deleted boolean NOT NULL,
        model_deleted boolean NOT NULL, PRIMARY KEY (model_id, version))`);
    await runner.query('CREATE INDEX version_run_by_name ON version_run (workspace, model_name, version)');
    // Which defaults libraries had: few parameters say that they were defaulted.
    await runner.query("CREATE INDEX param_by_default ON param (library, key, library_version) WHERE origin = 'default'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX param_by_default');
    await runner.query('DROP TABLE version_run');
  }
}
