import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

/** `?page_token=&limit=` of every list. */
export class PageDto {
  @IsOptional()
  @IsString()
  @MaxLength(1_000)
  page_token?: string;

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1_000)
  limit: number = 100;
}
