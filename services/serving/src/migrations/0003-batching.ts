import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Batching1800000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE deployment ADD COLUMN max_rows int NOT NULL DEFAULT 0, ADD COLUMN delay_us int NOT NULL DEFAULT 0,
        ADD COLUMN preferred_rows int[] NOT NULL DEFAULT '{}', ADD COLUMN max_queued int NOT NULL DEFAULT 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE deployment DROP COLUMN max_rows, DROP COLUMN delay_us, DROP COLUMN preferred_rows, DROP COLUMN max_queued');
  }
}
