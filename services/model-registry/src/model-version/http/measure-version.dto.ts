import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsNumber, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';

const MAX_LATENCY_MS = 3_600_000;

export class MeasureVersionDto {
  @ApiProperty({ description: 'Median.', example: 3.2 })
  @IsNumber()
  @Min(0)
  @Max(MAX_LATENCY_MS)
  p50_latency_ms: number;

  @ApiProperty({ description: '99th percentile.', example: 9.5 })
  @IsNumber()
  @Min(0)
  @Max(MAX_LATENCY_MS)
  p99_latency_ms: number;

  @ApiProperty({ example: 10_000 })
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  requests: number;

  @ApiProperty({ required: false, example: '2 vCPU, one row per request' })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  @Matches(/^[^\0]*$/)
  conditions: string = '';
}
