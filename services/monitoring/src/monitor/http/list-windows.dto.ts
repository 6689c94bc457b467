import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsISO8601, IsOptional, Max, Min } from 'class-validator';

export class ListWindowsDto {
  @ApiPropertyOptional({ minimum: 1, maximum: 400, default: 100 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(400)
  limit?: number;

  @ApiPropertyOptional({ description: '`next_page_token` of the page before.' })
  @IsOptional()
  @IsISO8601({ strict: true })
  page_token?: string;
}
