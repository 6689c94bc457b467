import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Prices by version, and what runs reported to have used. */
export class Cost1800000000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE price_list (
        workspace text NOT NULL, version int NOT NULL, valid_from_ms bigint NOT NULL, prices text NOT NULL, declared_at text NOT NULL, declared_by text NOT NULL,
        PRIMARY KEY (workspace, version))`);
    await runner.query(`
      CREATE TABLE resource_figure (
        run_id text NOT NULL, resource text NOT NULL, gpu_model text NOT NULL, amount bigint NOT NULL, label text NOT NULL, method text NOT NULL,
        PRIMARY KEY (run_id, resource, gpu_model))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE resource_figure');
    await runner.query('DROP TABLE price_list');
  }
}
