import { NestedEach } from '@cairn/service';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsIn, IsInt, IsNumber, IsOptional, IsString, Length, Matches, Max, MaxLength, Min } from 'class-validator';

const NAME = /^[a-z][a-z0-9_-]*$/;
const YEAR_SECONDS = 366 * 86_400;
const MAX_TTL_SECONDS = 100 * YEAR_SECONDS;

export class FeatureDto {
  @IsString()
  @MaxLength(120)
  @Matches(NAME, { message: 'name must begin with a small letter and go on with small letters, digits, dashes and underscores' })
  name: string;

  @IsIn(['window', 'row'])
  kind: 'window' | 'row';

  /** SQL: what is aggregated (`window`), or taken from the predicted row (`row`). */
  @IsString()
  @Length(1, 4_000)
  expression: string;

  @IsOptional()
  @IsIn(['avg', 'count', 'sum'])
  aggregation?: 'avg' | 'count' | 'sum';

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(YEAR_SECONDS)
  window_seconds?: number;

  /** UCUM code. */
  @IsOptional()
  @IsString()
  @MaxLength(50)
  unit?: string;

  @IsOptional()
  @IsString()
  @MaxLength(2_000)
  description?: string;

  /** SQL over the predicted row: when a `row` feature becomes known. */
  @IsOptional()
  @IsString()
  @MaxLength(4_000)
  known_time?: string;

  /** Where there is no value. */
  @IsOptional()
  @IsNumber()
  default_value?: number;
}

export class DefineViewDto {
  @IsString()
  @MaxLength(120)
  @Matches(NAME, { message: 'name must begin with a small letter and go on with small letters, digits, dashes and underscores' })
  name: string;

  @IsString()
  @Length(1, 200)
  dataset_name: string;

  @IsArray()
  @ArrayMaxSize(10)
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  entity_columns: string[];

  @IsString()
  @Length(1, 4_000)
  event_time: string;

  @IsString()
  @Length(1, 4_000)
  known_time: string;

  @IsOptional()
  @IsString()
  @MaxLength(2_000)
  description?: string;

  /** How old a value that is answered online may be; 0 or absent: as old as it is. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_TTL_SECONDS)
  ttl_seconds?: number;

  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(500)
  @NestedEach(() => FeatureDto)
  features: FeatureDto[];
}
