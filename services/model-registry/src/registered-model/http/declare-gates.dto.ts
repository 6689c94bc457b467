import { Nested } from '@cairn/service';
import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsNumber, IsOptional, Max, Min } from 'class-validator';
import { TargetDto } from '../../model-version/http/target.dto.js';
import { GATES } from '../domain/decider.js';

export class BudgetDto {
  @ApiProperty({ required: false })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  max_size_bytes?: number;

  @ApiProperty({ required: false, description: '99th percentile.' })
  @IsOptional()
  @IsNumber()
  @Min(0.001)
  @Max(3_600_000)
  max_p99_latency_ms?: number;

  @ApiProperty({ required: false, description: 'Requests that a measurement of latency must rest on.', example: 1_000 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  min_requests?: number;
}

export class DeclareGatesDto extends TargetDto {
  @ApiProperty({ isArray: true, enum: GATES, description: 'What a version must pass to get there. An empty list lets every version through.' })
  @IsArray()
  @ArrayMaxSize(GATES.length)
  @IsIn(GATES, { each: true })
  gates: string[];

  @ApiProperty({ type: BudgetDto, required: false, description: 'For size-within-budget and latency-within-budget.' })
  @IsOptional()
  @Nested(() => BudgetDto)
  budget?: BudgetDto;
}
