import { PageDto } from '@cairn/service';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import type { DebtReason } from '../views/rollout-history/debt.query.js';

const SORTS = ['age', 'cost'] as const;
const REASONS: readonly DebtReason[] = ['never-deployed', 'stale', 'superseded'];

export class FiguresDto {
  @ApiProperty({ required: false, description: 'RFC 3339; included. By default 30 days before `to`.' })
  @IsOptional()
  @IsString()
  @MaxLength(40)
  from?: string;

  @ApiProperty({ required: false, description: 'RFC 3339; not included. By default now.' })
  @IsOptional()
  @IsString()
  @MaxLength(40)
  to?: string;

  @ApiProperty({ required: false, description: 'Name or id of a registered model; all of the workspace without it.' })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  @Matches(/^[^\0]*$/)
  model?: string;

  @ApiProperty({ required: false, description: 'For so many hours after its completion an incident or a roll-back is held against a rollout.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(8_760)
  failure_window_hours: number = 72;
}

export class DebtDto extends PageDto {
  @ApiProperty({ required: false, description: 'Who created the version, or on whose behalf.' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  @Matches(/^[^\0]*$/)
  owner?: string;

  @ApiProperty({ required: false, enum: REASONS })
  @IsOptional()
  @IsIn(REASONS)
  reason?: DebtReason;

  @ApiProperty({
    required: false,
    enum: SORTS,
    description: 'The oldest first, or the most expensive, by the money that the run cost, currency by currency; what has no price comes last.',
  })
  @IsOptional()
  @IsIn(SORTS)
  sort: (typeof SORTS)[number] = 'age';

  @ApiProperty({ required: false, description: 'A version that answers and is older, with no newer version of its model, is stale.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(36_500)
  stale_after_days: number = 90;

  @ApiProperty({ required: false, description: 'A version that is older and was never rolled out counts as never deployed.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(36_500)
  undeployed_after_days: number = 30;
}
