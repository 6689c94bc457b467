import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { digestedServices, type DigestedService } from '../digests/digest-source.js';

export class RecordDigestsDto {
  /** By default all of them. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(digestedServices.length)
  @IsIn(digestedServices, { each: true })
  services?: DigestedService[];
}

export class DigestsDto {
  @IsIn(digestedServices)
  service: DigestedService;

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1_000)
  limit: number = 20;
}
