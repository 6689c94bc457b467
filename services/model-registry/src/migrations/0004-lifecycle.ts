import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Renames, deletions, stages, budgets, freezes, and what the new gates rest on. A new migration has the rows made again from the log, so no default is ever seen. */
export class Lifecycle1800000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE model DROP CONSTRAINT model_workspace_name_key, ADD COLUMN deleted_at text NOT NULL DEFAULT ''`);
    await runner.query(`CREATE UNIQUE INDEX model_by_name ON model (workspace, name) WHERE deleted_at = ''`);
    await runner.query(`ALTER TABLE gate_policy ADD COLUMN budget jsonb NOT NULL DEFAULT '{}'`);
    await runner.query(`
      ALTER TABLE version ADD COLUMN stage text NOT NULL DEFAULT 'None', ADD COLUMN deleted_at text NOT NULL DEFAULT '',
        ADD COLUMN model_deleted boolean NOT NULL DEFAULT false, ADD COLUMN storage_location text NOT NULL DEFAULT '',
        ADD COLUMN copied_from_version_id text NOT NULL DEFAULT '', ADD COLUMN logged_model_id text NOT NULL DEFAULT '',
        ADD COLUMN run_link text NOT NULL DEFAULT '', ADD COLUMN measurement jsonb`);
    await runner.query(`CREATE INDEX version_by_name ON version (workspace, model_name, version) WHERE deleted_at = '' AND NOT model_deleted`);
    await runner.query('CREATE INDEX version_by_stage ON version (model_id, stage, version DESC)');
    await runner.query(`
      CREATE TABLE promotion_freeze (
        freeze_id uuid PRIMARY KEY, workspace text NOT NULL, model_id text NOT NULL, "from" text NOT NULL, "to" text NOT NULL, reason text NOT NULL,
        declared_by text NOT NULL, lifted_by text NOT NULL, lifted_because text NOT NULL)`);
    await runner.query('CREATE INDEX freeze_by_workspace ON promotion_freeze (workspace, freeze_id)');
    await runner.query('CREATE TABLE logged_model_evidence (logged_model_id text PRIMARY KEY, workspace text NOT NULL, run_id text NOT NULL, is_deleted boolean NOT NULL)');
    await runner.query('CREATE TABLE deployment_evidence (deployment_id text PRIMARY KEY, name text NOT NULL, version_id text NOT NULL)');
    await runner.query('CREATE INDEX deployment_evidence_by_version ON deployment_evidence (version_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['deployment_evidence', 'logged_model_evidence', 'promotion_freeze']) await runner.query(`DROP TABLE ${table}`);
    await runner.query('DROP INDEX version_by_stage, version_by_name, model_by_name');
    await runner.query(`
      ALTER TABLE version DROP COLUMN stage, DROP COLUMN deleted_at, DROP COLUMN model_deleted, DROP COLUMN storage_location,
        DROP COLUMN copied_from_version_id, DROP COLUMN logged_model_id, DROP COLUMN run_link, DROP COLUMN measurement`);
    await runner.query('ALTER TABLE gate_policy DROP COLUMN budget');
    await runner.query('ALTER TABLE model DROP COLUMN deleted_at, ADD CONSTRAINT model_workspace_name_key UNIQUE (workspace, name)');
  }
}
