import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a version was last described or tagged. A new migration has the rows made again from the log, so the default is never seen. */
export class VersionUpdates1800000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE version ADD COLUMN last_update_time_ms bigint NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE version DROP COLUMN last_update_time_ms');
  }
}
