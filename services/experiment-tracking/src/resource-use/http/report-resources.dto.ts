import { NestedEach } from '@cairn/service';
import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsIn, IsNumber, IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';

const STORABLE = /^[^\0\p{Surrogate}]*$/u;
export const UNITS = ['cpu_core_seconds', 'gpu_seconds', 'memory_gib_seconds', 'energy_wh'] as const;

export class ResourceFigureDto {
  @ApiProperty({ enum: UNITS })
  @IsIn(UNITS)
  resource: (typeof UNITS)[number];

  @ApiProperty({ example: 3600.5, description: 'Total of the run so far, to a thousandth: it replaces an earlier one.' })
  @IsNumber()
  @Min(0)
  @Max(1_000_000_000_000)
  amount: number;

  @ApiProperty({ required: false, example: 'H200', description: 'Of `gpu_seconds`.' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  @Matches(STORABLE)
  gpu_model: string = '';

  @ApiProperty({ enum: ['measured', 'estimated'] })
  @IsIn(['measured', 'estimated'])
  label: string;

  @ApiProperty({ example: 'cgroup cpu.stat', description: 'The meter, or the formula of the estimate.' })
  @IsString()
  @MinLength(1)
  @MaxLength(500)
  @Matches(STORABLE)
  method: string;
}

export class ReportResourcesDto {
  @ApiProperty({ type: [ResourceFigureDto] })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(50)
  @NestedEach(() => ResourceFigureDto)
  figures: ResourceFigureDto[];
}
