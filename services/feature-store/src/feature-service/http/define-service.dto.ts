import { NestedEach } from '@cairn/service';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsInt, IsOptional, IsString, Length, Matches, MaxLength, Min } from 'class-validator';

const NAME = /^[a-z][a-z0-9_-]*$/;

export class FeatureRefDto {
  @IsString()
  @Length(1, 120)
  view: string;

  /** The newest when absent. */
  @IsOptional()
  @IsInt()
  @Min(1)
  view_version?: number;

  @IsString()
  @Length(1, 120)
  feature: string;

  /** Name in the training set; the feature's own when absent. */
  @IsOptional()
  @IsString()
  @MaxLength(120)
  @Matches(NAME, { message: 'column must begin with a small letter and go on with small letters, digits, dashes and underscores' })
  column?: string;

  /** Columns of the predicted row that match the view's entity columns, in their order. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  join_columns?: string[];
}

export class DefineServiceDto {
  @IsString()
  @MaxLength(120)
  @Matches(NAME, { message: 'name must begin with a small letter and go on with small letters, digits, dashes and underscores' })
  name: string;

  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(1_000)
  @NestedEach(() => FeatureRefDto)
  features: FeatureRefDto[];
}

export class FeatureServiceVersionDto {
  /** The newest when absent. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  version?: number;
}
