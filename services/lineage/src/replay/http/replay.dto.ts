import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';

/** A position, or what begins like a time; whether it is one is seen when it is read. */
const BOUND = /^(?:\d{1,18}|\d{4}-.{1,40})$/;

export class ReplayStreamDto {
  @ApiPropertyOptional({
    description: 'First position, by default 0; or an RFC 3339 time: the first event that is not earlier.',
    examples: ['0', '2026-01-31T12:00:00Z'],
  })
  @IsOptional()
  @Matches(BOUND)
  from?: string;

  @ApiPropertyOptional({
    description: 'Last position, by default the last one that is there; or an RFC 3339 time: the last event that is not later.',
    examples: ['719', '2026-01-31T13:00:00Z'],
  })
  @IsOptional()
  @Matches(BOUND)
  to?: string;

  @ApiPropertyOptional({ description: 'Factor of real time, e.g. 60 for a minute in a second; 0 as fast as the client reads. At most 1,000,000.', example: '60' })
  @IsOptional()
  @Matches(/^(?:1000000|\d{1,6}(?:\.\d{1,6})?)$/)
  speed: string = '0';

  @ApiPropertyOptional({ description: '`type:<beginning>,stream:<beginning>`; of several of a kind one suffices.', example: 'type:cairn.registry.' })
  @IsOptional()
  @IsString()
  @MaxLength(4_000)
  filter?: string;
}
