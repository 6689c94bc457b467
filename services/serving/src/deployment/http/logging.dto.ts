import { ArrayMaxSize, ArrayUnique, IsArray, IsInt, IsNumber, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { DEFAULT_LOGGING, MAX_COLUMN_LENGTH, MAX_REDACTED, MAX_RETENTION_DAYS } from '../domain/logging.js';

/** What is left out has its default again. */
export class LoggingDto {
  /** Share of requests whose rows are kept. Which ones follows from their inference ids. */
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(1)
  sample_rate: number = DEFAULT_LOGGING.sampleRate;

  /** Features whose values are never written anywhere: their columns are null. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_REDACTED)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, MAX_COLUMN_LENGTH, { each: true })
  redacted_columns: string[] = [];

  /** After which segments are shown to nobody any more; 0: never. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_RETENTION_DAYS)
  retention_days: number = DEFAULT_LOGGING.retentionDays;
}
