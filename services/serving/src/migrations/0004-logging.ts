import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE prediction_loss (
    loss_id uuid PRIMARY KEY, deployment_id uuid NOT NULL, position bigint NOT NULL, segment_id text NOT NULL, row_count bigint NOT NULL,
    is_exact boolean NOT NULL, reason text NOT NULL, first_time text NOT NULL, last_time text NOT NULL, recorded_at text NOT NULL)`,
  'CREATE INDEX prediction_loss_by_position ON prediction_loss (deployment_id, position)',
  `ALTER TABLE deployment ADD COLUMN sample_rate double precision NOT NULL DEFAULT 1, ADD COLUMN redacted_columns text[] NOT NULL DEFAULT '{}',
    ADD COLUMN retention_days int NOT NULL DEFAULT 0`,
  `ALTER TABLE label_batch ADD COLUMN first_inference_id text NOT NULL DEFAULT '', ADD COLUMN last_inference_id text NOT NULL DEFAULT ''`,
  'CREATE INDEX inference_segment_by_last_id ON inference_segment (deployment_id, last_inference_id)',
];

export class Logging1800000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX inference_segment_by_last_id');
    await runner.query('ALTER TABLE label_batch DROP COLUMN first_inference_id, DROP COLUMN last_inference_id');
    await runner.query('ALTER TABLE deployment DROP COLUMN sample_rate, DROP COLUMN redacted_columns, DROP COLUMN retention_days');
    await runner.query('DROP TABLE prediction_loss');
  }
}
