import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Another name of a node; the first node to have it keeps it. */
@Entity('graph_alias')
export class GraphAliasRow {
  @PrimaryColumn('text')
  alias: string;

  @Column('text', { name: 'node_id' })
  nodeId: string;
}
