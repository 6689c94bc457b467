import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, Length, Matches } from 'class-validator';

export class DeclareFreezeDto {
  @ApiProperty({ required: false, description: 'Name of a model; without it every model of the workspace is frozen.' })
  @IsOptional()
  @IsString()
  @Length(1, 256)
  @Matches(/^[^\0]*$/)
  model?: string;

  @ApiProperty({ example: '2026-12-20T00:00:00Z' })
  @IsString()
  @Length(20, 40)
  from: string;

  @ApiProperty({ example: '2027-01-07T00:00:00Z' })
  @IsString()
  @Length(20, 40)
  to: string;

  @ApiProperty({ example: 'Nobody is here over the holidays.' })
  @IsString()
  @Length(1, 1_000)
  @Matches(/^[^\0]*$/)
  reason: string;
}

export class LiftFreezeDto {
  @ApiProperty()
  @IsString()
  @Length(1, 1_000)
  @Matches(/^[^\0]*$/)
  reason: string;
}
