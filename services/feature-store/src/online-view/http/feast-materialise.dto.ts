import { ArrayMaxSize, ArrayNotEmpty, Equals, IsArray, IsBoolean, IsInt, IsISO8601, IsOptional, IsString, MaxLength, Min } from 'class-validator';

/** As Feast's feature server takes it. */
export class FeastMaterialiseDto {
  /** Means nothing here: how far back rows count is said by the windows of the features. */
  @IsOptional()
  @IsISO8601({ strict: true })
  start_ts?: string;

  /** What was known just before it; now when absent. */
  @IsOptional()
  @IsISO8601({ strict: true })
  end_ts?: string;

  /** All that have window features when absent. */
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(120, { each: true })
  feature_views?: string[];

  @IsOptional()
  @Equals(false, { message: 'disable_event_timestamp is not there: without times nobody could say what was known' })
  disable_event_timestamp: boolean = false;

  @IsOptional()
  @IsBoolean()
  full_feature_names?: boolean;

  /** Of the views; the newest when absent. */
  @IsOptional()
  @IsInt()
  @Min(1)
  version?: number;
}
