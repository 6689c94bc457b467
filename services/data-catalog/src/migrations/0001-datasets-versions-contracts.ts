import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DatasetsVersionsContracts1800000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE dataset (
        dataset_id uuid PRIMARY KEY, workspace text NOT NULL, name text NOT NULL, description text NOT NULL, owner text NOT NULL, tags text NOT NULL,
        last_version int NOT NULL)`);
    await runner.query('CREATE INDEX dataset_by_name ON dataset (workspace, name)');
    await runner.query(`
      CREATE TABLE dataset_version (
        version_id uuid PRIMARY KEY, workspace text NOT NULL, dataset_id uuid NOT NULL, dataset_name text NOT NULL, version int NOT NULL,
        digest text NOT NULL, size_bytes bigint NOT NULL, row_count bigint NOT NULL, columns text NOT NULL, derived_from text NOT NULL,
        origin text NOT NULL, profile_digest text NOT NULL, status text NOT NULL, last_check text, certification text NOT NULL DEFAULT '')`);
    await runner.query('CREATE INDEX dataset_version_by_number ON dataset_version (dataset_id, version)');
    await runner.query(`
      CREATE TABLE contract (
        contract_id uuid NOT NULL, version text NOT NULL, workspace text NOT NULL, dataset_name text NOT NULL, document_digest text NOT NULL,
        rules text NOT NULL, position bigint NOT NULL, PRIMARY KEY (contract_id, version))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['contract', 'dataset_version', 'dataset']) await runner.query(`DROP TABLE ${table}`);
  }
}
