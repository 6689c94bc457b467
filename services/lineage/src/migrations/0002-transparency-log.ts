import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tiles are no read model: they are what the signed checkpoints commit to, and no rebuild touches them. */
export class TransparencyLog1800000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE log_tile (level int NOT NULL, index bigint NOT NULL, hashes bytea NOT NULL, PRIMARY KEY (level, index))');
    await runner.query(`
      CREATE TABLE log_head (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), tree_size bigint NOT NULL, signed_size bigint NOT NULL, note text)`);
    await runner.query('INSERT INTO log_head (tree_size, signed_size) VALUES (0, 0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE log_tile');
    await runner.query('DROP TABLE log_head');
  }
}
