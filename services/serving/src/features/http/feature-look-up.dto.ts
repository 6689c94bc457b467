import { NestedEach } from '@cairn/service';
import { ArrayMaxSize, IsArray, IsInt, IsNumber, IsOptional, IsString, Length, Min } from 'class-validator';
import { MAX_LOOKED_UP } from '../../deployment/domain/feature-look-up.js';

export class FeatureDefaultDto {
  @IsString()
  @Length(1, 120)
  column: string;

  @IsNumber()
  value: number;
}

export class FeatureLookUpDto {
  /** Of the feature store, in this workspace. */
  @IsString()
  @Length(1, 120)
  feature_service: string;

  /** The newest when absent; a later one is not taken by itself. */
  @IsOptional()
  @IsInt()
  @Min(1)
  version?: number;

  /** Used where an entity is not known; without one such a request is refused. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_LOOKED_UP)
  @NestedEach(() => FeatureDefaultDto)
  defaults: FeatureDefaultDto[] = [];
}
