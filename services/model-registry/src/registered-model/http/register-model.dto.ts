import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';

export class RegisterModelDto {
  @ApiProperty({ example: 'late-flights' })
  @IsString()
  @Length(1, 256)
  name: string;

  @ApiProperty({ required: false })
  @IsOptional()
  @IsString()
  @MaxLength(5_000)
  @Matches(/^[^\0]*$/)
  description: string = '';
}
