import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Workspaces1800000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE workspace (name text PRIMARY KEY, description text NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE workspace');
  }
}
