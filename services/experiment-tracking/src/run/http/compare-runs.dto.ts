import { PageDto } from '@cairn/service';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';

const STORABLE = /^[^\0\p{Surrogate}]*$/u;

export class CompareRunsDto {
  @ApiProperty({ type: [String], minItems: 2, maxItems: 10, description: 'Once for each run.' })
  // A query carries a list of one as the item alone.
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? [value] : value))
  @IsArray()
  @ArrayMinSize(2)
  @ArrayMaxSize(10)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  run_id: string[];
}

export class DefaultsDto extends PageDto {
  @ApiProperty({ example: 'scikit-learn' })
  @IsString()
  @MinLength(1)
  @MaxLength(250)
  @Matches(STORABLE)
  library: string;

  @ApiProperty({ required: false, example: 'max_features', description: 'Without it, all parameters of the library.' })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(250)
  @Matches(STORABLE)
  param?: string;
}
