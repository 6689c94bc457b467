import { Type } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';

const POSITION = /^\d{1,18}$/;

export class InclusionDto {
  @Matches(POSITION)
  position: string;

  /** Of the tree to prove it in; by default the last signed one. */
  @IsOptional()
  @Matches(POSITION)
  size?: string;
}

export class ReceiptDto {
  @Matches(POSITION)
  position: string;
}

export class ConsistencyDto {
  @Matches(POSITION)
  from: string;

  @IsOptional()
  @Matches(POSITION)
  to?: string;
}

export class EventsDto {
  @IsOptional()
  @Matches(POSITION)
  from: string = '0';

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1_000)
  limit: number = 100;
}
