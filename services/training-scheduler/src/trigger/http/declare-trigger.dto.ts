import { ApiProperty } from '@nestjs/swagger';
import { Nested } from '@cairn/service';
import { Equals, IsDefined, IsString, Length } from 'class-validator';
import { JobSpecDto } from '../../job/http/job-spec.dto.js';

export class DeclareTriggerDto {
  @ApiProperty({ example: 'retrain-when-late-flights-drift' })
  @IsString()
  @Length(1, 200)
  name: string;

  @ApiProperty({ enum: ['incident-opened'] })
  @Equals('incident-opened', { message: 'on must be incident-opened' })
  on: 'incident-opened';

  @ApiProperty({ example: 'late-flights' })
  @IsString()
  @Length(1, 200)
  monitor: string;

  @ApiProperty({ type: JobSpecDto })
  @IsDefined()
  @Nested(() => JobSpecDto)
  job: JobSpecDto;
}
