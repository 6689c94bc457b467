import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which statements were signed about a version. */
export class Provenance1800000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE provenance_statement (
        version_id uuid NOT NULL, number int NOT NULL, payload_digest text NOT NULL, envelope_digest text NOT NULL, key_id text NOT NULL,
        missing jsonb NOT NULL, signed_at text NOT NULL, position bigint NOT NULL, PRIMARY KEY (version_id, number))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE provenance_statement');
  }
}
