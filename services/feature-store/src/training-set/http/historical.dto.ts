import { NestedEach } from '@cairn/service';
import { ArrayMaxSize, IsArray, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { PointInTimeDto } from './request-training-set.dto.js';

export class CarryDto {
  @IsString()
  @MaxLength(120)
  @Matches(/^[a-z][a-z0-9_-]*$/, { message: 'name must begin with a small letter and go on with small letters, digits, dashes and underscores' })
  name: string;

  /** SQL over the predicted row. */
  @IsString()
  @Length(1, 4_000)
  expression: string;
}

export class HistoricalDto extends PointInTimeDto {
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @NestedEach(() => CarryDto)
  carry: CarryDto[] = [];
}
