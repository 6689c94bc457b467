import { ArrayMaxSize, ArrayNotEmpty, Equals, IsArray, IsBoolean, IsInt, IsObject, IsOptional, IsString, Length, MaxLength, Min } from 'class-validator';

/** As Feast's feature server takes it, and `feature_service_version`. */
export class GetOnlineFeaturesDto {
  /** A list of keys for each entity, all of the same length. */
  @IsObject()
  entities: Record<string, unknown>;

  /** `view:feature` or `view@v2:feature`; this or `feature_service`. */
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(1_000)
  @IsString({ each: true })
  @MaxLength(300, { each: true })
  features?: string[];

  @IsOptional()
  @IsString()
  @Length(1, 120)
  feature_service?: string;

  /** The newest when absent. */
  @IsOptional()
  @IsInt()
  @Min(1)
  feature_service_version?: number;

  @IsOptional()
  @IsBoolean()
  full_feature_names: boolean = false;

  @IsOptional()
  @Equals(false, { message: 'include_feature_view_version_metadata is not there: ask for view@v2:feature' })
  include_feature_view_version_metadata: boolean = false;
}
