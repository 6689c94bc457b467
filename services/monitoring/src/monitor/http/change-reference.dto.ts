import { ApiProperty } from '@nestjs/swagger';
import { IsUUID, Matches } from 'class-validator';

export class ChangeReferenceDto {
  @ApiProperty({ description: 'Training set that says what is normal from now on.' })
  @IsUUID()
  training_set_id: string;

  @ApiProperty({ example: `sha256:${'0'.repeat(64)}` })
  @Matches(/^sha256:[0-9a-f]{64}$/, { message: 'digest must be sha256: and 64 hex digits' })
  digest: string;
}
