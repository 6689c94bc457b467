import { IsString, Length } from 'class-validator';

export class KillSwitchDto {
  @IsString()
  @Length(1, 1_000)
  reason: string;
}
