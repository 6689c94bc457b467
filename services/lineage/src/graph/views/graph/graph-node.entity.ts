import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('graph_node')
export class GraphNodeRow {
  @PrimaryColumn('text', { name: 'node_id' })
  nodeId: string;

  @Column('text')
  workspace: string;

  @Column('text')
  kind: string;

  @Column('text')
  label: string;

  /** Of the event that first mentioned it. */
  @Column('bigint', { name: 'first_position' })
  firstPosition: string;
}
