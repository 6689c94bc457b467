import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsString, Length } from 'class-validator';
import { GATES } from '../domain/decider.js';

export class DeclareGatesDto {
  @ApiProperty({ example: 'champion' })
  @IsString()
  @Length(1, 255)
  alias: string;

  @ApiProperty({ isArray: true, enum: GATES, description: 'What a version must pass to carry the alias. An empty list lets every version carry it.' })
  @IsArray()
  @ArrayMaxSize(GATES.length)
  @IsIn(GATES, { each: true })
  gates: string[];
}
