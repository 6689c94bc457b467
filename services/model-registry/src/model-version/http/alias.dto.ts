import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';

export class AliasDto {
  @ApiProperty({ example: 'champion' })
  @IsString()
  @Length(1, 255)
  @Matches(/^[\w-]+$/)
  alias: string;
}

export class ApproveVersionDto extends AliasDto {
  @ApiProperty({ required: false, description: 'What was looked at.' })
  @IsOptional()
  @IsString()
  @MaxLength(5_000)
  @Matches(/^[^\0]*$/)
  comment: string = '';
}
