import { IsArray, IsIn, IsInt, IsObject, IsOptional, IsString } from 'class-validator';
import { Nested, NestedEach } from '../http/nested.js';

class LineDto {
  @IsOptional()
  @IsInt()
  count: number = 1;
}

/** With everything that a null can be sent for, for the spec of validation alone. */
export class NotedDto {
  @IsString()
  name: string;

  @IsOptional()
  @IsIn(['low', 'high'])
  weight: string = 'low';

  @IsOptional()
  @Nested(() => LineDto)
  first?: LineDto;

  @IsOptional()
  @NestedEach(() => LineDto)
  lines: LineDto[] = [];

  @IsOptional()
  @IsObject()
  free?: Record<string, unknown>;

  @IsOptional()
  @IsArray()
  list?: unknown[];
}
