import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FeatureLookUp1800000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE deployment ADD COLUMN feature_look_up jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE deployment DROP COLUMN feature_look_up');
  }
}
