import { PageDto } from '@cairn/service';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import type { Direction } from '../views/graph/graph.query.js';

const POSITION = /^\d{1,18}$/;
const NODE = /^[a-z-]+:.+$/;

export class NodeDto extends PageDto {
  /** The node as it was when the event at this position was the last one. */
  @IsOptional()
  @Matches(POSITION)
  as_of_position?: string;

  /** RFC 3339. */
  @IsOptional()
  @IsString()
  @MaxLength(40)
  as_of_time?: string;
}

export class GraphDto {
  /** Where to begin, e.g. `model-version:<uuid>`. Absent: everything. */
  @IsOptional()
  @Matches(NODE)
  @MaxLength(300)
  node?: string;

  @IsOptional()
  @Matches(POSITION)
  as_of_position?: string;

  @IsOptional()
  @IsString()
  @MaxLength(40)
  as_of_time?: string;

  /** `up` is where something came from. */
  @IsOptional()
  @IsIn(['up', 'down', 'both'])
  direction: Direction = 'both';

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(50)
  depth: number = 10;

  /** Nodes at most; beyond, `truncated` is true. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(2_000)
  limit: number = 500;
}
