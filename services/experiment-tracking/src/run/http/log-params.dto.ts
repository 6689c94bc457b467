import { ApiProperty } from '@nestjs/swagger';
import { NestedEach } from '@cairn/service';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';

const STORABLE = /^[^\0]*$/;

export class ParamDto {
  @ApiProperty({ example: 'learning_rate' })
  @IsString()
  @MaxLength(250)
  @Matches(/^[/\p{L}\p{N}_.\- :]+$/u)
  key: string;

  @ApiProperty({ example: '0.001' })
  @IsString()
  @MaxLength(6_000)
  @Matches(STORABLE)
  value: string;

  @ApiProperty({ enum: ['set', 'default'], description: 'Set by the caller, or the default of a library.' })
  @IsIn(['set', 'default'])
  origin: 'set' | 'default';

  @ApiProperty({ required: false, example: '@tensorflow/tfjs', description: 'Needed for a default.' })
  @IsOptional()
  @IsString()
  @MaxLength(250)
  @Matches(STORABLE)
  library: string = '';

  @ApiProperty({ required: false, example: '4.22.0', description: 'Needed for a default.' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  @Matches(STORABLE)
  library_version: string = '';
}

export class LogParamsDto {
  @ApiProperty({ type: [ParamDto] })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(1_000)
  @NestedEach(() => ParamDto)
  params: ParamDto[];
}
