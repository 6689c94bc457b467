import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('feature_service')
export class FeatureServiceRow {
  @PrimaryColumn('uuid', { name: 'service_id' })
  serviceId: string;

  @PrimaryColumn('int')
  version: number;

  @Column('text')
  workspace: string;

  @Column('text')
  name: string;

  /** proto3 JSON of FeatureServiceDefined. */
  @Column('text')
  definition: string;
}
