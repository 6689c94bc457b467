import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ViewsServicesTrainingSets1800000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE known_version (
        version_id uuid PRIMARY KEY, workspace text NOT NULL, dataset_name text NOT NULL, version int NOT NULL, digest text NOT NULL, certified boolean NOT NULL)`);
    await runner.query(`
      CREATE TABLE feature_view (
        view_id uuid NOT NULL, version int NOT NULL, workspace text NOT NULL, name text NOT NULL, definition text NOT NULL, PRIMARY KEY (view_id, version))`);
    await runner.query('CREATE INDEX feature_view_by_name ON feature_view (workspace, name, version)');
    await runner.query(`
      CREATE TABLE feature_service (
        service_id uuid NOT NULL, version int NOT NULL, workspace text NOT NULL, name text NOT NULL, definition text NOT NULL, PRIMARY KEY (service_id, version))`);
    await runner.query('CREATE INDEX feature_service_by_name ON feature_service (workspace, name, version)');
    await runner.query(`
      CREATE TABLE training_set (
        training_set_id uuid PRIMARY KEY, workspace text NOT NULL, name text NOT NULL, state text NOT NULL, position bigint NOT NULL, request text NOT NULL,
        leakage_check text, built text, reason text NOT NULL DEFAULT '')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['training_set', 'feature_service', 'feature_view', 'known_version']) await runner.query(`DROP TABLE ${table}`);
  }
}
