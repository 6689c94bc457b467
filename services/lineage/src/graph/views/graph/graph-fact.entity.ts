import type { JsonObject } from '@cairn/kernel';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What one event said about one node. */
@Entity('graph_fact')
export class GraphFactRow {
  @PrimaryColumn('text', { name: 'node_id' })
  nodeId: string;

  @PrimaryColumn('bigint')
  position: string;

  @Column('uuid', { name: 'event_id' })
  eventId: string;

  @Column('text', { name: 'event_type' })
  eventType: string;

  /** RFC 3339 UTC with microseconds: as text it sorts as the time does. */
  @Column('text')
  time: string;

  @Column('text')
  actor: string;

  @Column('jsonb')
  attributes: JsonObject;
}
