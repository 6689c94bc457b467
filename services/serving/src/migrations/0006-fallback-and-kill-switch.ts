import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FallbackAndKillSwitch1800000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE deployment ADD COLUMN fallback_version_id text, ADD COLUMN fallback_version int, ADD COLUMN fallback_id uuid,
        ADD COLUMN killed boolean NOT NULL DEFAULT false, ADD COLUMN switched_at text, ADD COLUMN switched_by text, ADD COLUMN switch_reason text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE deployment DROP COLUMN fallback_version_id, DROP COLUMN fallback_version, DROP COLUMN fallback_id,
        DROP COLUMN killed, DROP COLUMN switched_at, DROP COLUMN switched_by, DROP COLUMN switch_reason`);
  }
}
