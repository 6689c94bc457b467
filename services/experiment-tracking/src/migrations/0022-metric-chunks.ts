import type { MigrationInterface, QueryRunner } from 'typeorm';

/** So that the indexes of a busy server's points stay small, and a run with millions of them slows no other. */
const PARTITIONS = 16;

/** Points lie in chunks, as columns. A new migration has the rows made again from the log, so nothing is carried over here. */
export class MetricChunks1800000000022 implements MigrationInterface {
  /**
   * The order of the key is the order in which a history is read; the second index finds a step. Chunks of up to some 300 points lie in their row; larger ones are kept
   * beside the table as they are, since squeezing them costs more than their bytes.
   */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE metric');
    await runner.query(`
      CREATE TABLE metric_chunk (
        run_id text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, first_ms bigint NOT NULL, first_step bigint NOT NULL, position bigint NOT NULL, points int NOT NULL,
        last_ms bigint NOT NULL, last_step bigint NOT NULL, least_step bigint NOT NULL, greatest_step bigint NOT NULL,
        timestamps_ms bigint[] STORAGE EXTERNAL NOT NULL, steps bigint[] STORAGE EXTERNAL NOT NULL, "values" double precision[] STORAGE EXTERNAL NOT NULL,
        PRIMARY KEY (run_id, key, first_ms, first_step, position)) PARTITION BY HASH (run_id)`);
    for (let remainder = 0; remainder < PARTITIONS; remainder += 1) {
      await runner.query(
        `CREATE TABLE metric_chunk_${remainder} PARTITION OF metric_chunk FOR VALUES WITH (MODULUS ${PARTITIONS}, REMAINDER ${remainder}) WITH (toast_tuple_target = 8160)`,
      );
    }
    await runner.query('CREATE INDEX metric_chunk_by_step ON metric_chunk (run_id, key, greatest_step)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE metric_chunk');
    await runner.query(`
      CREATE TABLE metric (
        run_id text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, timestamp_ms bigint NOT NULL, step bigint NOT NULL, value double precision NOT NULL,
        PRIMARY KEY (run_id, key, timestamp_ms, step, value)) PARTITION BY HASH (run_id)`);
    for (let remainder = 0; remainder < PARTITIONS; remainder += 1) {
      await runner.query(`CREATE TABLE metric_${remainder} PARTITION OF metric FOR VALUES WITH (MODULUS ${PARTITIONS}, REMAINDER ${remainder})`);
    }
    await runner.query('CREATE INDEX metric_by_step ON metric (run_id, key, step, timestamp_ms, value)');
  }
}
