import { IsNumber, IsOptional, IsString, Matches, MaxLength } from 'class-validator';

export class JoinDto {
  /** RFC 3339: the first moment that predictions may stand for; */
  @IsString()
  @MaxLength(40)
  from: string;

  /** and the first one that they may no longer. */
  @IsString()
  @MaxLength(40)
  to: string;

  /** Position of the log: segments and labels that were recorded later do not count. By default the last one. */
  @IsOptional()
  @IsString()
  @Matches(/^\d{1,18}$/)
  as_of_position?: string;
}

export class LabelDto {
  @IsNumber({ allowNaN: false, allowInfinity: false })
  label: number;

  /** RFC 3339; by default now. */
  @IsOptional()
  @IsString()
  @MaxLength(40)
  known_time?: string;
}
