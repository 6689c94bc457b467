import { IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';

export class RegisterVersionDto {
  /** Of an uploaded Parquet file. */
  @Matches(/^sha256:[0-9a-f]{64}$/, { message: 'digest must be sha256: and 64 hex digits; upload the file to get it' })
  digest: string;

  /** One SQL condition over the file's columns: only the rows that meet it become the version. */
  @IsOptional()
  @IsString()
  @Length(1, 4_000)
  filter?: string;

  /** Where the data came from. */
  @IsString()
  @MaxLength(2_000)
  origin: string;
}
