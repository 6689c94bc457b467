import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Experiments and runs can be deleted and restored. A new migration has the rows made again from the log, so the defaults are never seen. */
export class Deletion1800000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE experiment ADD COLUMN deleted boolean NOT NULL DEFAULT false');
    await runner.query('ALTER TABLE run ADD COLUMN deleted boolean NOT NULL DEFAULT false, ADD COLUMN experiment_deleted boolean NOT NULL DEFAULT false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE run DROP COLUMN deleted, DROP COLUMN experiment_deleted');
    await runner.query('ALTER TABLE experiment DROP COLUMN deleted');
  }
}
