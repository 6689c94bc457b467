import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Graph1800000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE graph_node (
        node_id text PRIMARY KEY, workspace text NOT NULL, kind text NOT NULL, label text NOT NULL, first_position bigint NOT NULL)`);
    await runner.query('CREATE INDEX graph_node_by_workspace ON graph_node (workspace, first_position, node_id)');
    await runner.query(`
      CREATE TABLE graph_fact (
        node_id text NOT NULL, position bigint NOT NULL, event_id uuid NOT NULL, event_type text NOT NULL, time text COLLATE "C" NOT NULL,
        actor text NOT NULL, attributes jsonb NOT NULL, PRIMARY KEY (node_id, position))`);
    await runner.query('CREATE INDEX graph_fact_by_time ON graph_fact (time, position)');
    await runner.query(`
      CREATE TABLE graph_edge (
        from_id text NOT NULL, relation text NOT NULL, to_id text NOT NULL, position bigint NOT NULL, event_id uuid NOT NULL,
        event_type text NOT NULL, time text NOT NULL, PRIMARY KEY (from_id, relation, to_id))`);
    await runner.query('CREATE INDEX graph_edge_upstream ON graph_edge (to_id, position)');
    await runner.query('CREATE TABLE graph_alias (alias text PRIMARY KEY, node_id text NOT NULL)');
    await runner.query(`
      CREATE TABLE segment_index (
        segment_id text PRIMARY KEY, workspace text NOT NULL, deployment_name text NOT NULL, digest text NOT NULL,
        first_inference_id text COLLATE "C" NOT NULL, last_inference_id text COLLATE "C" NOT NULL,
        position bigint NOT NULL, event_id uuid NOT NULL, time text NOT NULL)`);
    await runner.query('CREATE INDEX segment_index_by_last ON segment_index (workspace, last_inference_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['segment_index', 'graph_alias', 'graph_edge', 'graph_fact', 'graph_node']) await runner.query(`DROP TABLE ${table}`);
  }
}
