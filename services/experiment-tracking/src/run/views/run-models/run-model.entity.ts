import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A logged model that went into a run, or came out of it. */
@Entity('run_model')
export class RunModelRow {
  @PrimaryColumn('text', { name: 'run_id' })
  runId: string;

  /** `input` | `output`. */
  @PrimaryColumn('text')
  role: string;

  @PrimaryColumn('text', { name: 'model_id' })
  modelId: string;

  /** Of the training that it came out at; 0 for an input. */
  @Column('bigint')
  step: string;
}
