import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = [
  `CREATE TABLE servable_version (
    version_id text PRIMARY KEY, workspace text NOT NULL, model_name text NOT NULL, version int NOT NULL, digest text NOT NULL, golden_digest text NOT NULL,
    signature text NOT NULL, promoted_aliases text NOT NULL)`,
  `CREATE TABLE deployment (
    deployment_id uuid PRIMARY KEY, workspace text NOT NULL, name text NOT NULL, model_name text NOT NULL, fallback_value double precision NOT NULL,
    replicas int NOT NULL, live_version_id text, live_version int, rollout_id text, created_at text NOT NULL)`,
  'CREATE INDEX deployment_by_name ON deployment (workspace, name)',
  `CREATE TABLE rollout (
    rollout_id uuid PRIMARY KEY, deployment_id uuid NOT NULL, position bigint NOT NULL, version_id text NOT NULL, version int NOT NULL, digest text NOT NULL,
    golden_digest text NOT NULL, incumbent_version_id text NOT NULL, canary_weight double precision NOT NULL, golden_tolerance double precision NOT NULL,
    minimum_requests bigint NOT NULL, status text NOT NULL, stage text NOT NULL, weight double precision NOT NULL, reason text NOT NULL,
    started_by text NOT NULL, started_at text NOT NULL, ended_at text)`,
  'CREATE INDEX rollout_by_deployment ON rollout (deployment_id, position)',
  `CREATE TABLE rollout_judgement (
    rollout_id uuid NOT NULL, position bigint NOT NULL, stage text NOT NULL, verdict text NOT NULL, requests bigint NOT NULL, rows bigint NOT NULL,
    errors bigint NOT NULL, mean_prediction_new double precision NOT NULL, mean_prediction_incumbent double precision NOT NULL,
    p99_latency_ms double precision NOT NULL, evidence text NOT NULL, judged_at text NOT NULL, PRIMARY KEY (rollout_id, position))`,
  `CREATE TABLE replica_proof (
    rollout_id uuid NOT NULL, replica_id uuid NOT NULL, digest text NOT NULL, proved boolean NOT NULL, golden_max_difference double precision,
    reason text NOT NULL, reported_at text NOT NULL, PRIMARY KEY (rollout_id, replica_id))`,
  `CREATE TABLE inference_segment (
    segment_id uuid PRIMARY KEY, deployment_id uuid NOT NULL, position bigint NOT NULL, digest text NOT NULL, size_bytes bigint NOT NULL,
    row_count bigint NOT NULL, first_inference_id text NOT NULL, last_inference_id text NOT NULL, first_time text NOT NULL, last_time text NOT NULL,
    version_ids text NOT NULL, sealed_at text NOT NULL)`,
  'CREATE INDEX inference_segment_by_position ON inference_segment (deployment_id, position)',
  `CREATE TABLE label_batch (
    batch_id uuid PRIMARY KEY, deployment_id uuid NOT NULL, position bigint NOT NULL, digest text NOT NULL, row_count bigint NOT NULL,
    recorded_at text NOT NULL)`,
  'CREATE INDEX label_batch_by_position ON label_batch (deployment_id, position)',
];

export class DeploymentsAndInferenceLogs1800000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of TABLES) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = ['label_batch', 'inference_segment', 'replica_proof', 'rollout_judgement', 'rollout', 'deployment', 'servable_version'];
    for (const table of tables) await runner.query(`DROP TABLE ${table}`);
  }
}
