import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Webhooks, and for each of them what is to be sent, in the order of the log. */
export class Webhooks1800000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE webhook (
        webhook_id uuid PRIMARY KEY, workspace text NOT NULL, name text NOT NULL, description text NOT NULL, url text NOT NULL, events jsonb NOT NULL,
        status text NOT NULL, sealed_secret text NOT NULL, creation_time_ms bigint NOT NULL, last_update_time_ms bigint NOT NULL)`);
    await runner.query('CREATE INDEX webhook_by_workspace ON webhook (workspace, creation_time_ms, webhook_id)');
    await runner.query('CREATE TABLE hooked_model (model_id text PRIMARY KEY, name text NOT NULL, is_prompt boolean NOT NULL)');
    await runner.query('CREATE TABLE hooked_version (version_id text PRIMARY KEY, model_id text NOT NULL, version int NOT NULL)');
    await runner.query(`
      CREATE TABLE webhook_delivery (
        delivery_id uuid PRIMARY KEY, webhook_id uuid NOT NULL, workspace text NOT NULL, place text NOT NULL, queue_place text NOT NULL, event text NOT NULL,
        payload text NOT NULL, status text NOT NULL, attempts int NOT NULL, round_attempts int NOT NULL, response_status int NOT NULL, detail text NOT NULL,
        retry_at text NOT NULL, queued_at text NOT NULL)`);
    await runner.query(`CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook_id, queue_place) WHERE status = 'pending'`);
    await runner.query('CREATE INDEX webhook_delivery_by_webhook ON webhook_delivery (webhook_id, place DESC)');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['webhook_delivery', 'hooked_version', 'hooked_model', 'webhook']) await runner.query(`DROP TABLE ${table}`);
  }
}
