import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('workspace')
export class WorkspaceRow {
  @PrimaryColumn('text')
  name: string;

  @Column('text')
  description: string;
}
