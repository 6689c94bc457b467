import { Column, Entity, PrimaryColumn, type MigrationInterface, type QueryRunner } from 'typeorm';

/** A row with a column of every type that read models have. */
@Entity('sample')
export class SampleRow {
  @PrimaryColumn('text', { name: 'owner_id' })
  ownerId: string;

  @PrimaryColumn('int')
  number: number;

  @Column('text')
  text: string;

  @Column('bigint', { name: 'count_of_all', nullable: true })
  count: string | null;

  @Column('double precision')
  value: number;

  @Column('boolean')
  done: boolean;

  @Column('jsonb')
  tags: readonly object[];

  @Column('uuid')
  uuid: string;
}

@Entity('only_key')
export class OnlyKeyRow {
  @PrimaryColumn('text')
  name: string;
}

export class Samples1800000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE sample (owner_id text, number int, text text NOT NULL, count_of_all bigint, value double precision NOT NULL, done boolean NOT NULL,
      tags jsonb NOT NULL, uuid uuid NOT NULL, PRIMARY KEY (owner_id, number))`);
    await runner.query('CREATE TABLE only_key (name text PRIMARY KEY)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE sample; DROP TABLE only_key');
  }
}
