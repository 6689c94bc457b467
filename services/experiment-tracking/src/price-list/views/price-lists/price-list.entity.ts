import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('price_list')
export class PriceListRow {
  @PrimaryColumn('text')
  workspace: string;

  @PrimaryColumn('int')
  version: number;

  @Column('bigint', { name: 'valid_from_ms' })
  validFromMs: string;

  /** proto3 JSON of the declaration. */
  @Column('text')
  prices: string;

  @Column('text', { name: 'declared_at' })
  declaredAt: string;

  @Column('text', { name: 'declared_by' })
  declaredBy: string;
}
