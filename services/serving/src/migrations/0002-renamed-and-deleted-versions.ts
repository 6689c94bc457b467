import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A changed migration makes the rows again from the log: they get their model's id there. */
export class RenamedAndDeletedVersions1800000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE servable_version ADD COLUMN model_id text NOT NULL DEFAULT '',
        ADD COLUMN deleted boolean NOT NULL DEFAULT false, ADD COLUMN model_deleted boolean NOT NULL DEFAULT false`);
    await runner.query('CREATE INDEX servable_version_by_model ON servable_version (model_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE servable_version DROP COLUMN model_id, DROP COLUMN deleted, DROP COLUMN model_deleted');
  }
}
