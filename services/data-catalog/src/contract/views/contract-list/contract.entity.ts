import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Every published version of every contract. */
@Entity('contract')
export class ContractRow {
  @PrimaryColumn('uuid', { name: 'contract_id' })
  contractId: string;

  @PrimaryColumn('text')
  version: string;

  @Column('text')
  workspace: string;

  @Column('text', { name: 'dataset_name' })
  datasetName: string;

  @Column('text', { name: 'document_digest' })
  documentDigest: string;

  /** JSON array of column rules. */
  @Column('text')
  rules: string;

  @Column('bigint')
  position: string;
}
