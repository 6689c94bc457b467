import { ApiProperty } from '@nestjs/swagger';
import { Nested } from '@cairn/service';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsDefined, IsInt, IsNumber, IsString, IsUUID, Length, Matches, Max, Min } from 'class-validator';

export class ThresholdsDto {
  @ApiProperty({ description: 'Population stability index above which a feature has drifted.', example: 0.2 })
  @IsNumber()
  @Min(0)
  feature_psi: number;

  @ApiProperty({ example: 0.2 })
  @IsNumber()
  @Min(0)
  prediction_psi: number;

  @ApiProperty({ description: 'Largest allowed change of the label rate, relative to the reference.', example: 0.2 })
  @IsNumber()
  @Min(0)
  label_rate_change: number;

  @ApiProperty({ example: 0.65 })
  @IsNumber()
  @Min(0)
  @Max(1)
  minimum_auc: number;

  @ApiProperty({ description: 'A window with fewer labelled predictions is inconclusive.', example: 1000 })
  @IsInt()
  @Min(1)
  minimum_labels: number;

  @ApiProperty({ description: 'That many windows in a row open an incident, or resolve it.', example: 2 })
  @IsInt()
  @Min(1)
  @Max(100)
  consecutive_windows: number;

  @ApiProperty({ description: 'Days of predictions in one window.', example: 7 })
  @IsInt()
  @Min(1)
  @Max(366)
  window_days: number;
}

export class DeclareMonitorDto {
  @ApiProperty({ example: 'late-flights' })
  @IsString()
  @Length(1, 200)
  name: string;

  @ApiProperty({ example: 'late-flights' })
  @IsString()
  @Length(1, 200)
  deployment: string;

  @ApiProperty({ description: 'Training set that says what is normal.' })
  @IsUUID()
  reference_training_set_id: string;

  @ApiProperty({ description: 'Digest of that training set.', example: `sha256:${'0'.repeat(64)}` })
  @Matches(/^sha256:[0-9a-f]{64}$/, { message: 'reference_digest must be sha256: and 64 hex digits' })
  reference_digest: string;

  @ApiProperty({ type: [String] })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(1_000)
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  features: string[];

  @ApiProperty({ type: ThresholdsDto })
  @IsDefined()
  @Nested(() => ThresholdsDto)
  thresholds: ThresholdsDto;
}
