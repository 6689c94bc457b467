import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';

const POSITION = /^\d{1,18}$/;

export class ReplayStreamDto {
  /** First position; by default 0. */
  @IsOptional()
  @Matches(POSITION)
  from?: string;

  /** Last position; by default the last one that is there. */
  @IsOptional()
  @Matches(POSITION)
  to?: string;

  /** Factor of real time, e.g. 60 for a minute in a second; 0, or none, as fast as the client reads. At most 1,000,000. */
  @IsOptional()
  @Matches(/^(?:1000000|\d{1,6}(?:\.\d{1,6})?)$/)
  speed: string = '0';

  /** `type:<beginning>,stream:<beginning>`; several of a kind: any of them. */
  @IsOptional()
  @IsString()
  @MaxLength(4_000)
  filter?: string;
}
