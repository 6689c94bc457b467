import { ArrayMaxSize, IsArray, IsInt, IsISO8601, IsOptional, IsString, IsUUID, Length, Max, Min } from 'class-validator';

/** What every join as of the moment of prediction needs. */
export class PointInTimeDto {
  @IsString()
  @Length(1, 120)
  feature_service: string;

  /** The newest when absent. */
  @IsOptional()
  @IsInt()
  @Min(1)
  feature_service_version?: number;

  @IsUUID()
  dataset_version_id: string;

  /** Versions whose rows feed the windows too; rows that are in two versions count twice. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @IsUUID(undefined, { each: true })
  history_version_ids: string[] = [];

  /** SQL over the predicted row: the moment of prediction. */
  @IsString()
  @Length(1, 4_000)
  prediction_time: string;

  /** RFC 3339; rows whose moment of prediction lies in [from, to). */
  @IsISO8601({ strict: true })
  from: string;

  @IsISO8601({ strict: true })
  to: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  sample_every: number = 1;
}

export class RequestTrainingSetDto extends PointInTimeDto {
  @IsString()
  @Length(1, 200)
  name: string;

  /** SQL over the predicted row: 0 or 1. */
  @IsString()
  @Length(1, 4_000)
  label: string;
}
