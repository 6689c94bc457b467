import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Kept from the event that first said it; lineage is never unsaid. */
@Entity('graph_edge')
export class GraphEdgeRow {
  @PrimaryColumn('text', { name: 'from_id' })
  fromId: string;

  @PrimaryColumn('text')
  relation: string;

  @PrimaryColumn('text', { name: 'to_id' })
  toId: string;

  @Column('bigint')
  position: string;

  @Column('uuid', { name: 'event_id' })
  eventId: string;

  @Column('text', { name: 'event_type' })
  eventType: string;

  @Column('text')
  time: string;
}
