import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `online_file` and `online_row` are a cache of files by digest that no projection owns: a rebuild leaves them, and what is missing is read again from the object store. */
export class OnlineViews1800000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE online_view (
        view_id uuid NOT NULL, version int NOT NULL, materialisation_id uuid NOT NULL, until text NOT NULL, digest text NOT NULL, size_bytes bigint NOT NULL,
        row_count bigint NOT NULL, entity_count bigint NOT NULL, dataset_version_ids text[] NOT NULL, entity_columns text[] NOT NULL, features text[] NOT NULL,
        materialised_at text NOT NULL, PRIMARY KEY (view_id, version))`);
    await runner.query('CREATE INDEX online_view_by_digest ON online_view (digest)');
    await runner.query(`
      CREATE TABLE online_file (
        file int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, digest text NOT NULL UNIQUE, loaded_at timestamptz NOT NULL DEFAULT now())`);
    await runner.query(`
      CREATE TABLE online_row (
        file int NOT NULL REFERENCES online_file ON DELETE CASCADE, entity_key text NOT NULL, feature_values double precision[] NOT NULL, PRIMARY KEY (file, entity_key))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['online_row', 'online_file', 'online_view']) await runner.query(`DROP TABLE ${table}`);
  }
}
