import { IsString, Length } from 'class-validator';

export class ImportFileDto {
  /** Of a Parquet file on the catalog's machine; a relative one is taken from the first allowed folder. */
  @IsString()
  @Length(1, 4_096)
  path: string;
}
