import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Traces, and their spans. `span_chunk`, `span`, `span_trace` and `span_segment_index` are no view of the log: a span is acknowledged once it is in the
 * first two, and is sealed into a segment later. What they hold of sealed segments can be made again from those.
 */
export class Traces1800000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE trace (
        workspace text NOT NULL, trace_id text NOT NULL, experiment_id uuid NOT NULL, start_time_ms bigint NOT NULL, duration_ms bigint, state text NOT NULL,
        client_request_id text NOT NULL, user_name text NOT NULL, request_preview text NOT NULL, response_preview text NOT NULL, metadata jsonb NOT NULL,
        tags jsonb NOT NULL, told_by_client boolean NOT NULL, deleted boolean NOT NULL, PRIMARY KEY (workspace, trace_id))`);
    await runner.query('CREATE INDEX trace_by_start ON trace (experiment_id, start_time_ms DESC, trace_id) WHERE NOT deleted');
    await runner.query(`
      CREATE TABLE trace_assessment (
        workspace text NOT NULL, trace_id text NOT NULL, assessment_id text NOT NULL, name text NOT NULL, kind text NOT NULL, value text NOT NULL,
        source_type text NOT NULL, source_id text NOT NULL, create_time text NOT NULL, last_update_time text NOT NULL, span_id text NOT NULL,
        rationale text NOT NULL, metadata jsonb NOT NULL, overrides text NOT NULL, valid boolean NOT NULL, PRIMARY KEY (workspace, trace_id, assessment_id))`);
    await runner.query(`
      CREATE TABLE trace_link (
        workspace text NOT NULL, trace_id text NOT NULL, kind text NOT NULL, target text NOT NULL, PRIMARY KEY (workspace, trace_id, kind, target))`);
    await runner.query('CREATE INDEX trace_link_by_target ON trace_link (workspace, kind, target)');
    await runner.query(`
      CREATE TABLE trace_artifact (
        workspace text NOT NULL, trace_id text NOT NULL, path text NOT NULL, digest text NOT NULL, size_bytes bigint NOT NULL,
        PRIMARY KEY (workspace, trace_id, path))`);
    await runner.query(`
      CREATE TABLE span_segment (
        segment_id uuid PRIMARY KEY, workspace text NOT NULL, experiment_id uuid NOT NULL, position bigint NOT NULL, digest text NOT NULL,
        size_bytes bigint NOT NULL, span_count bigint NOT NULL, chunk_count bigint NOT NULL, trace_count bigint NOT NULL, first_time text NOT NULL,
        last_time text NOT NULL, sealed_at text NOT NULL)`);
    await runner.query('CREATE INDEX span_segment_by_position ON span_segment (experiment_id, position)');
    // A chunk is an encoded TracesData with spans of one trace. Its bytes are here until it is sealed, then in the object `digest` at `byte_offset`.
    await runner.query(`
      CREATE TABLE span_chunk (
        chunk_id uuid PRIMARY KEY, workspace text NOT NULL, experiment_id uuid NOT NULL, trace_id text NOT NULL, span_count int NOT NULL,
        byte_length int NOT NULL, received_at timestamptz NOT NULL DEFAULT now(), bytes bytea, segment_id uuid, digest text, byte_offset bigint)`);
    await runner.query('CREATE INDEX span_chunk_by_trace ON span_chunk (workspace, trace_id)');
    await runner.query('CREATE INDEX span_chunk_open ON span_chunk (experiment_id, chunk_id) INCLUDE (byte_length, received_at) WHERE segment_id IS NULL');
    await runner.query('CREATE INDEX span_chunk_planned ON span_chunk (segment_id) WHERE segment_id IS NOT NULL');
    await runner.query(`
      CREATE TABLE span (
        workspace text NOT NULL, trace_id text NOT NULL, span_id text NOT NULL, parent_span_id text NOT NULL, name text NOT NULL, type text NOT NULL,
        status text NOT NULL, start_time_ns bigint NOT NULL, end_time_ns bigint NOT NULL, attributes jsonb NOT NULL,
        PRIMARY KEY (workspace, trace_id, span_id))`);
    // Traces whose spans may say something that the trace's stream does not know yet.
    await runner.query(`
      CREATE TABLE span_trace (
        workspace text NOT NULL, trace_id text NOT NULL, experiment_id uuid NOT NULL, changed_at timestamptz NOT NULL, pending boolean NOT NULL,
        PRIMARY KEY (workspace, trace_id))`);
    await runner.query('CREATE INDEX span_trace_pending ON span_trace (changed_at) WHERE pending');
    await runner.query('CREATE TABLE span_segment_index (segment_id uuid PRIMARY KEY)');
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = [
      'span_segment_index', 'span_trace', 'span', 'span_chunk', 'span_segment', 'trace_artifact', 'trace_link', 'trace_assessment', 'trace',
    ];
    for (const table of tables) await runner.query(`DROP TABLE ${table}`);
  }
}
