import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when a trigger watches: an incident that opened before is none of its business. */
export class TriggersSince1800000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A new migration has the rows made again from the log, so the default is never seen.
    await runner.query('ALTER TABLE trigger ADD COLUMN declared_position bigint NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE trigger DROP COLUMN declared_position');
  }
}
