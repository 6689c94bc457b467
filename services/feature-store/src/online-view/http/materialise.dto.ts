import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayNotEmpty, ArrayUnique, IsArray, IsInt, IsISO8601, IsOptional, IsUUID, Min } from 'class-validator';

export class MaterialiseDto {
  /** RFC 3339: what was known just before it; now when absent. */
  @IsOptional()
  @IsISO8601({ strict: true })
  until?: string;

  /** Of the view; the newest when absent. */
  @IsOptional()
  @IsInt()
  @Min(1)
  version?: number;

  /** Whose rows feed the windows: certified versions of the view's dataset; the newest certified one when absent. A row that is in two of them counts twice. */
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @ArrayMaxSize(100)
  @IsUUID('all', { each: true })
  dataset_version_ids?: string[];
}

export class OnlineViewDto {
  /** Of the view; the newest when absent. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  version?: number;
}
