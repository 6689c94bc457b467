import { ApiProperty } from '@nestjs/swagger';
import { NestedEach } from '@cairn/service';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsIn, IsInt, IsNumber, IsOptional, IsString, Matches, MaxLength, Min } from 'class-validator';

const METRIC = /^[/\p{L}\p{N}_.\- :]*$/u;

export class CriterionDto {
  @ApiProperty({ example: 'auc' })
  @IsString()
  @MaxLength(250)
  @Matches(METRIC)
  metric: string;

  @ApiProperty({ enum: ['>=', '>', '<=', '<'] })
  @IsIn(['>=', '>', '<=', '<'])
  comparison: string;

  @ApiProperty({ description: 'Compared with this number or, with `baseline_metric`, with that metric plus this margin.', example: 0.68 })
  @IsNumber()
  threshold: number;

  @ApiProperty({ required: false, description: 'Metric of the same run that is the baseline.', example: 'best_single_auc' })
  @IsOptional()
  @IsString()
  @MaxLength(250)
  @Matches(METRIC)
  baseline_metric: string = '';

  @ApiProperty({ required: false, description: 'Metric of the same run that counts the sample.', example: 'test_rows' })
  @IsOptional()
  @IsString()
  @MaxLength(250)
  @Matches(METRIC)
  sample_metric: string = '';

  @ApiProperty({ required: false, description: 'With a smaller sample the verdict is inconclusive.', example: 10_000 })
  @IsOptional()
  @IsInt()
  @Min(0)
  minimum_sample: number = 0;
}

export class DeclareCriteriaDto {
  @ApiProperty({ type: [CriterionDto] })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(20)
  @NestedEach(() => CriterionDto)
  criteria: CriterionDto[];
}
