import { ApiProperty } from '@nestjs/swagger';
import { Nested, NestedEach } from '@cairn/service';
import { ArrayMaxSize, ArrayNotEmpty, Equals, IsArray, IsIn, IsInt, IsNumber, IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';

const METRIC = /^[/\p{L}\p{N}_.\- :]*$/u;

/** Parts divided by slashes, none of which could climb were it a folder. */
const SLICE = /^(?:[\p{L}\p{N}_-][\p{L}\p{N}_.\- :]*(?:\/[\p{L}\p{N}_-][\p{L}\p{N}_.\- :]*)*)?$/u;
const STORABLE = /^[^\0\p{Surrogate}]*$/u;

/** One of three: a run, a version of a registered model, or the best run. */
export class BaselineDto {
  @ApiProperty({ required: false, example: '4915f5ea945c4c0bb8f4a9bd3f6a1c2e', description: 'A run that has finished.' })
  @IsOptional()
  @Matches(/^[0-9a-fA-F-]{32,36}$/, { message: 'run_id must be the id of a run: 32 hex digits' })
  run_id?: string;

  @ApiProperty({ required: false, example: 'late-flights', description: 'A registered model; with `version`: the run that made it.' })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(250)
  @Matches(STORABLE)
  model?: string;

  @ApiProperty({ required: false, example: 3 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  version?: number;

  @ApiProperty({ required: false, enum: [true], description: 'The best finished run of the experiment now, by the metric and in the direction of the comparison.' })
  @IsOptional()
  @Equals(true)
  best_run?: boolean;
}

export class CriterionDto {
  @ApiProperty({ example: 'auc' })
  @IsString()
  @MaxLength(250)
  @Matches(METRIC)
  metric: string;

  @ApiProperty({ enum: ['>=', '>', '<=', '<'] })
  @IsIn(['>=', '>', '<=', '<'])
  comparison: string;

  @ApiProperty({ description: 'Compared with this number or, with `baseline_metric` or `baseline`, with that plus this margin.', example: 0.68 })
  @IsNumber()
  threshold: number;

  @ApiProperty({ required: false, description: 'Metric of the same run that is the baseline.', example: 'best_single_auc' })
  @IsOptional()
  @IsString()
  @MaxLength(250)
  @Matches(METRIC)
  baseline_metric: string = '';

  @ApiProperty({ required: false, type: BaselineDto, description: 'Another run; it is found now, with what it measured, and never looked up again.' })
  @IsOptional()
  @Nested(() => BaselineDto)
  baseline?: BaselineDto;

  @ApiProperty({
    required: false,
    example: 'origin/JFK',
    description: 'A part of the data: all metrics of the criterion are those of the slice, which runs log as `<metric>/slice/<slice>`, e.g. `auc/slice/origin/JFK`.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  @Matches(SLICE, { message: 'slice must be letters, digits, _ . - : and spaces in parts divided by /, e.g. origin/JFK' })
  slice: string = '';

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
  @Max(Number.MAX_SAFE_INTEGER)
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
