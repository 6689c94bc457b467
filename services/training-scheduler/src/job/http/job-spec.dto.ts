import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsInt, IsObject, IsOptional, IsString, Length, Matches, Max, MaxLength, Min } from 'class-validator';
import { IsTextRecord } from './is-text-record.js';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/;

export class JobSpecDto {
  @ApiProperty({ example: 'train-logistic' })
  @IsString()
  @Length(1, 200)
  name: string;

  @ApiProperty({ description: 'Name in the list of programs that the scheduler was configured with.', example: 'flight-delay' })
  @IsString()
  @MaxLength(100)
  @Matches(NAME, { message: 'program must be a name of letters, digits, dots, dashes and underscores, not a path' })
  program: string;

  @ApiPropertyOptional({ type: [String] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(200)
  @IsString({ each: true })
  @MaxLength(2_000, { each: true })
  arguments?: string[];

  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  @IsOptional()
  @IsObject()
  @IsTextRecord({ message: 'environment must be an object of at most 100 texts whose names do not begin with CAIRN_' })
  environment?: Record<string, string>;

  @ApiPropertyOptional({ minimum: 1, maximum: 10, default: 1 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(10)
  max_attempts?: number;

  @ApiPropertyOptional({ minimum: 1, maximum: 86_400, default: 3_600 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(86_400)
  timeout_seconds?: number;

  @ApiPropertyOptional({ description: 'Higher goes first.', default: 0 })
  @IsOptional()
  @IsInt()
  @Min(-1_000)
  @Max(1_000)
  priority?: number;

  @ApiPropertyOptional({ default: 'default' })
  @IsOptional()
  @IsString()
  @Matches(NAME)
  @MaxLength(100)
  queue?: string;
}
