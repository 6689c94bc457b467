import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('resource_figure')
export class ResourceFigureRow {
  @PrimaryColumn('text', { name: 'run_id' })
  runId: string;

  @PrimaryColumn('text')
  resource: string;

  @PrimaryColumn('text', { name: 'gpu_model' })
  gpuModel: string;

  /** In the unit that the resource's name ends with. */
  @Column('bigint')
  amount: string;

  @Column('text')
  label: string;

  @Column('text')
  method: string;
}
