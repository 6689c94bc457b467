import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';

export class CancelJobDto {
  @ApiProperty({ example: 'the data was withdrawn' })
  @IsString()
  @Length(1, 500)
  reason: string;
}
