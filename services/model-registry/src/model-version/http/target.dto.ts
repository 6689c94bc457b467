import { DomainError } from '@cairn/kernel';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Length, Matches, MaxLength, ValidateIf } from 'class-validator';
import { targetOfStage, type ActiveStage } from '../../registered-model/domain/stage.js';

const GUARDED: readonly ActiveStage[] = ['Staging', 'Production'];

/** An alias, or a stage. */
export class TargetDto {
  @ApiProperty({ example: 'champion', required: false, description: 'This, or stage.' })
  @ValidateIf(({ alias, stage }: TargetDto) => alias !== undefined || stage === undefined)
  @IsString()
  @Length(1, 255)
  @Matches(/^[\w-]+$/)
  alias?: string;

  @ApiProperty({ enum: GUARDED, required: false })
  @IsOptional()
  @IsIn(GUARDED)
  stage?: ActiveStage;
}

export class ApproveVersionDto extends TargetDto {
  @ApiProperty({ required: false, description: 'What was looked at.' })
  @IsOptional()
  @IsString()
  @MaxLength(5_000)
  @Matches(/^[^\0]*$/)
  comment: string = '';
}

export type Target = { readonly alias: string } | { readonly stage: ActiveStage; readonly archiveOthers: boolean };

/** Throws DomainError INVALID_TARGET. */
export function convertTarget(dto: TargetDto): Target {
  // JSON's null is as good as absent.
  const [alias, stage] = [dto.alias ?? undefined, dto.stage ?? undefined];
  if (alias !== undefined && stage !== undefined) throw new DomainError('INVALID_TARGET', 'Name an alias or a stage, not both.', 'invalid');
  if (stage !== undefined) return { stage, archiveOthers: false };
  if (alias !== undefined) return { alias };
  throw new DomainError('INVALID_TARGET', 'Name an alias or a stage.', 'invalid');
}

/** As gates, approvals and evaluations name it. */
export function targetName(target: Target): string {
  return 'alias' in target ? target.alias : targetOfStage(target.stage);
}
